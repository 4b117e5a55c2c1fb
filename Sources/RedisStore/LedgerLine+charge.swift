import Domain

/// Debits and reversals as the ledger keeps them: in one text, of which `lib/ledger.lua` says what
/// stands where.
///
/// They are most of all lines, and the archiver reads each. So the text is taken apart in place,
/// and nothing is made but what the line holds.
extension LedgerLine {
  /// The name of the field that holds the text; no member of a line is called so.
  static let chargeField = "charge"

  /// A line from an entry's identifier, which holds its number and its time, and its text.
  ///
  /// - Throws: `ServiceFault.broken` that names the entry, unless text and identifier have exactly
  ///   the words that they must have.
  init(charge text: String, id: String, in partition: Partition) throws(ServiceFault) {
    var (id, text) = (id, text)
    let members = id.withUTF8 { id in
      text.withUTF8 { Self.members(ofCharge: Words($0, " "), id: Words(id, "-")) }
    }
    guard let members else { throw .broken("the charge of line \(id) is \(text)") }
    self.init(partition: partition, streamID: id, members: members)
  }

  /// The members in the published order; nil when anything is missing, too much or no number.
  private static func members(ofCharge words: Words, id: Words) -> [Member]? {
    var (words, id) = (words, id)
    guard let at = id.number(), let sequence = id.number(), id.isAtEnd,
      let kind = words.kind(), let cafe = words.text(), let pc = words.text(),
      let game = words.text(), let session = words.text(), let number = words.number(),
      let amount = words.number(), let balance = words.number(), let billed = words.number(),
      words.isAtEnd
    else { return nil }
    return [
      Member(name: "seq", value: .integer(sequence)),
      Member(name: "at", value: .integer(at)),
      Member(name: "kind", value: .text(kind.rawValue)),
      Member(name: "cafe_id", value: .text(cafe)),
      Member(name: "pc_id", value: .text(pc)),
      Member(name: "game_id", value: .text(game)),
      Member(name: "game_session_id", value: .text(session)),
      Member(name: "session_seq", value: .integer(number)),
      Member(name: "amount_mgcoin", value: .integer(amount)),
      Member(name: "balance_mgcoin", value: .integer(balance)),
      Member(name: "billed_sec", value: .integer(billed)),
    ]
  }
}

/// The words of a text, one separator between two, each read once. None is empty.
private struct Words {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let separator: UInt8
  /// Where the next word begins; past the end of the text when there is none.
  private var start = 0

  /// The words of a text that must stay in place as long as they are read.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ separator: Unicode.Scalar) {
    self.bytes = bytes
    self.separator = UInt8(ascii: separator)
  }

  /// Whether every word was read.
  var isAtEnd: Bool { start > bytes.count }

  mutating func text() -> String? {
    next().map { String(decoding: $0, as: UTF8.self) }
  }

  mutating func number() -> Int64? {
    next().flatMap { Int64(stored: $0) }
  }

  /// What moves a session's money; nil for other kinds, which have no such text.
  mutating func kind() -> LedgerKind? {
    guard let word = next() else { return nil }
    if word.elementsEqual(LedgerKind.debit.rawValue.utf8) { return .debit }
    return word.elementsEqual(LedgerKind.reversal.rawValue.utf8) ? .reversal : nil
  }

  private mutating func next() -> UnsafeBufferPointer<UInt8>? {
    guard !isAtEnd else { return nil }
    let end = bytes[start...].firstIndex(of: separator) ?? bytes.count
    defer { start = end + 1 }
    return end > start ? UnsafeBufferPointer(rebasing: bytes[start..<end]) : nil
  }
}
