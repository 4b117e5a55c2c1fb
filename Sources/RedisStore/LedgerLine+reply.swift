public import Domain
public import RedisClient

extension LedgerLine {
  /// The members that are integers; every other one is a text, even if it consists of digits.
  private static let integers: Set<String> = [
    "seq", "at", "session_seq", "amount_mgcoin", "balance_mgcoin", "billed_sec", "ended_at",
    "first_heartbeat_at", "last_heartbeat_at", "play_duration_sec", "billable_sec",
    "unbilled_grace_sec", "held_sec", "rate_mgcoin_per_hour", "secret_generation",
    "previous_generation", "held_from", "held_until", "behind_ms",
    "threshold_minutes", "from_seq", "to_seq",
  ]

  /// The lines of a part of a stream, as `XRANGE` answers it.
  public static func lines(
    of reply: RedisReply,
    in partition: Partition
  ) throws(ServiceFault) -> [LedgerLine] {
    guard case .array(let entries) = reply else { throw .broken("XRANGE answered \(reply)") }
    var lines: [LedgerLine] = []
    lines.reserveCapacity(entries.count)
    for entry in entries { lines.append(try LedgerLine(entry, in: partition)) }
    return lines
  }

  /// A line from an entry of a stream: an identifier and a flat list of names and values, or the
  /// text of a charge.
  init(_ entry: RedisReply, in partition: Partition) throws(ServiceFault) {
    guard case .array(let parts) = entry, parts.count == 2, let id = parts[0].textIfAny else {
      throw .broken("a ledger entry is \(entry)")
    }
    if case .array(let fields) = parts[1], case .string(Self.chargeField)? = fields.first {
      guard fields.count == 2, case .string(let text) = fields[1] else {
        throw .broken("the charge of line \(id) is no single text")
      }
      try self.init(charge: text, id: id, in: partition)
      return
    }
    let texts = parts[1].texts
    var members: [Member] = []
    members.reserveCapacity(texts.count / 2)
    for index in stride(from: 0, to: texts.count - 1, by: 2) {
      let (name, text) = (texts[index], texts[index + 1])
      guard LedgerLine.integers.contains(name) else {
        members.append(Member(name: name, value: .text(text)))
        continue
      }
      guard let number = Int64(stored: text) else {
        throw .broken("\(name) of line \(id) is \(text)")
      }
      members.append(Member(name: name, value: .integer(number)))
    }
    self.init(partition: partition, streamID: id, members: members)
  }
}
