import Domain
import JSON
import Ledger
import Signatures
import Testing

@Suite("The chain of hashes")
struct HashChainTests {
  /// A line as the stream holds it.
  static func line(_ sequence: Int64, partition: Int = 3, kind: String = "debit") -> LedgerLine {
    LedgerLine(
      partition: Partition(number: partition),
      streamID: "1772798400000-\(sequence)",
      members: [
        .init(name: "seq", value: .integer(sequence)),
        .init(name: "at", value: .integer(1_772_798_400_000)),
        .init(name: "kind", value: .text(kind)),
        .init(name: "cafe_id", value: .text("north")),
        .init(name: "amount_mgcoin", value: .integer(-10)),
      ]
    )
  }

  @Test("A line's JSON has the published order and nothing else")
  func order() {
    let expected =
      #"{"partition":3,"seq":7,"id":"1772798400000-7","at":1772798400000,"kind":"debit","#
      + #""cafe_id":"north","amount_mgcoin":-10}"#
    #expect(String(decoding: Self.line(7).json, as: UTF8.self) == expected)
    #expect(Self.line(7).document.text == expected)
  }

  @Test("A line's JSON is its document's, however long it is and whatever it holds")
  func document() {
    for length in [0, 1, 800, 900, 1_000, 5_000] {
      let text = String(repeating: "ü\"", count: length)
      for count in [0, 1, 4] {
        let members = Self.line(7).members.prefix(count) + [.init(name: text, value: .text(text))]
        let line = LedgerLine(
          partition: Partition(number: 64),
          streamID: "1-7",
          members: Array(members)
        )
        #expect(line.json == line.document.bytes)
        #expect(line.document["id"] == "1-7")
      }
    }
  }

  @Test("A hash is SHA-256 of the hash before it, a line feed and the line")
  func hash() {
    var chain = HashChain()
    let first = chain.seal(Self.line(1))
    let zeros = String(repeating: "0", count: 64)
    let input = Array("\(zeros)\n".utf8) + Self.line(1).json
    #expect(first.hash == Hex.encode(Digest.sha256(input)))
    let second = chain.seal(Self.line(2))
    let next = Array("\(first.hash)\n".utf8) + Self.line(2).json
    #expect(second.hash == Hex.encode(Digest.sha256(next)))
  }

  @Test("What a sealed line's text says is read back, with and without prev_hash")
  func roundTrip() throws {
    var chain = HashChain()
    let sealed = chain.seal(Self.line(1))
    #expect(try SealedLine(text: sealed.text) == sealed)
    let anchored = sealed.with(previousHash: HashChain.start)
    #expect(try SealedLine(text: anchored.text) == anchored)
    #expect(anchored.hash == sealed.hash)
  }

  @Test(
    "What is no sealed line is refused",
    arguments: [
      "", "[]", "{}", #"{"hash":1}"#, #"{"partition":1,"hash":"00"}"#,
      #"{"partition":1,"seq":1,"id":"1-1","at":1,"kind":"end"}"#,
      #"{"partition":1,"seq":0,"id":"1-0","at":1,"kind":"end","hash":"00"}"#,
      #"{"partition":1,"seq":1.5,"id":"1-1","at":1,"kind":"end","hash":"00"}"#,
      #"{"partition":1,"seq":1,"id":"1-1","at":1,"kind":"end","hash":"00"} x"#,
    ]
  )
  func refused(text: String) {
    #expect(throws: LedgerFault.self) { try SealedLine(text: Array(text.utf8)) }
  }
}

@Suite("The check of a chain")
struct ChainCheckTests {
  private func sealed(_ count: Int64, partition: Int = 3) -> [SealedLine] {
    var chain = HashChain()
    return (1...count).map { chain.seal(HashChainTests.line($0, partition: partition)) }
  }

  private func finding(_ lines: [SealedLine], allowsGaps: Bool = false) -> String? {
    var check = ChainCheck(allowsGaps: allowsGaps)
    do throws(LedgerFault) {
      for line in lines { try check.add(line) }
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("Partitions may be mixed as long as each is in order")
  func mixed() {
    let (third, fourth) = (sealed(3), sealed(3, partition: 4))
    #expect(finding([third[0], fourth[0], fourth[1], third[1], third[2], fourth[2]]) == nil)
  }

  @Test("A line that was changed, left out, repeated or moved is found")
  func broken() throws {
    let lines = sealed(3)
    let text = String(decoding: lines[1].text, as: UTF8.self)
    let forged = text.replacingOccurrences("\"amount_mgcoin\":-10", by: "\"amount_mgcoin\":-1")
    let changed = try SealedLine(text: Array(forged.utf8))
    #expect(finding([lines[0], changed])?.contains("seq 2: the hash does not fit") == true)
    #expect(finding([lines[0], lines[2]])?.contains("it follows seq 1") == true)
    #expect(finding([lines[0], lines[0]])?.contains("it follows seq 1") == true)
    #expect(finding([lines[1]])?.contains("the lines before it are missing") == true)
  }

  @Test("Gaps of a filtered export are closed by the hash of the line before, and only by that")
  func gaps() {
    let lines = sealed(4)
    let third = lines[2].with(previousHash: lines[1].hash)
    #expect(finding([lines[0], third, lines[3]], allowsGaps: true) == nil)
    #expect(finding([lines[0], third]) != nil)
    #expect(finding([lines[0], lines[2]], allowsGaps: true) != nil)
    let wrong = lines[2].with(previousHash: lines[0].hash)
    #expect(finding([lines[0], wrong], allowsGaps: true) != nil)
    #expect(finding([third, lines[1]], allowsGaps: true) != nil)
  }

  @Test("Numbers may be missing without prev_hash only where a line names them as lost")
  func losses() throws {
    let (before, other) = (sealed(2), sealed(3, partition: 4))
    func loss(_ from: Int64, _ to: Int64, at sequence: Int64) -> SealedLine {
      let head = HashChainTests.line(sequence, kind: "loss")
      let members =
        head.members + [
          .init(name: "from_seq", value: .integer(from)),
          .init(name: "to_seq", value: .integer(to)),
        ]
      var chain = HashChain(after: before[1].hash)
      return chain.seal(
        LedgerLine(partition: head.partition, streamID: head.streamID, members: members)
      )
    }
    let right = loss(3, 5, at: 6)
    var check = ChainCheck()
    for line in before + other + [right] { try check.add(line) }
    #expect(check.gaps == 0)
    #expect(check.losses.map(\.description) == ["p3#3-5"])
    // It names lines that are there, leaves some out, or names none.
    for wrong in [loss(2, 5, at: 6), loss(4, 5, at: 6), loss(3, 4, at: 6), loss(3, 2, at: 3)] {
      #expect(finding(before + [wrong]) != nil)
      #expect(finding(before + [wrong], allowsGaps: true) != nil)
    }
    #expect(finding(Array(before.dropLast()) + [right]) != nil)
    // In a filtered export lines before it may be left out, none that it says is lost.
    let anchored = right.with(previousHash: before[1].hash)
    #expect(finding([before[0], anchored], allowsGaps: true) == nil)
    #expect(finding(sealed(3) + [anchored], allowsGaps: true) != nil)
  }

  @Test("A check goes on from where another ended")
  func goesOn() throws {
    let lines = sealed(2)
    var first = ChainCheck()
    try first.add(lines[0])
    var second = ChainCheck(from: first.positions)
    try second.add(lines[1])
    #expect(second.positions[Partition(number: 3)]?.sequence == 2)
  }
}

extension String {
  fileprivate func replacingOccurrences(_ text: String, by other: String) -> String {
    split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
  }
}
