import Domain
import RedisClient

extension RedisLink {
  /// Lines fetched at once; bounds the memory of a reply to about 200 KiB.
  private static let linesAtOnce = 500

  /// Calls the body with every line of a partition between two stream identifiers, in order.
  ///
  /// `-` and `+` stand for the ends of the stream. The games' ledger is the one of
  /// ``Keys/gamesPartition``.
  public func forEachLedgerLine(
    in partition: Partition,
    from first: String = "-",
    to last: String = "+",
    _ body: (LedgerLine) -> Void
  ) async throws(ServiceFault) {
    let key = keys.key(.ledger, in: partition)
    var start = first
    while true {
      let reply = try await read(
        RedisCommand("XRANGE", key, start, last, "COUNT", String(Self.linesAtOnce))
      )
      let lines = try Self.ledgerLines(in: reply, of: partition)
      lines.forEach(body)
      guard lines.count == Self.linesAtOnce, let last = lines.last else { return }
      start = "(" + last.streamID
    }
  }

  /// The lines in a reply of `XRANGE` on a partition's ledger.
  public static func ledgerLines(
    in reply: RedisReply,
    of partition: Partition
  ) throws(ServiceFault) -> [LedgerLine] {
    guard case .array(let entries) = reply else { throw .broken("XRANGE answered \(reply)") }
    var lines: [LedgerLine] = []
    for entry in entries { lines.append(try LedgerLine(entry, in: partition)) }
    return lines
  }
}

extension LedgerLine {
  /// The members that are integers; every other one is a text, even if it consists of digits.
  private static let integers: Set<String> = [
    "seq", "at", "session_seq", "amount_mgcoin", "balance_mgcoin", "billed_sec", "ended_at",
    "first_heartbeat_at", "last_heartbeat_at", "play_duration_sec", "billable_sec",
    "unbilled_grace_sec", "held_sec", "rate_mgcoin_per_hour", "secret_generation",
    "previous_generation", "held_from", "held_until", "behind_ms",
    "threshold_minutes",
  ]

  /// A line from an entry of a stream: an identifier and a flat list of names and values.
  init(_ entry: RedisReply, in partition: Partition) throws(ServiceFault) {
    guard case .array(let parts) = entry, parts.count == 2, let id = parts[0].textIfAny else {
      throw .broken("a ledger entry is \(entry)")
    }
    let texts = parts[1].texts
    var members: [Member] = []
    for index in stride(from: 0, to: texts.count - 1, by: 2) {
      let (name, text) = (texts[index], texts[index + 1])
      guard LedgerLine.integers.contains(name) else {
        members.append(Member(name: name, value: .text(text)))
        continue
      }
      guard let number = Int64(text) else { throw .broken("\(name) of line \(id) is \(text)") }
      members.append(Member(name: name, value: .integer(number)))
    }
    self.init(partition: partition, streamID: id, members: members)
  }
}
