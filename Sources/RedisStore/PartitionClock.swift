import RedisClient

/// What a partition's clock tells, as `lib/partition.lua` writes it: the highest time seen, the
/// last ledger number, when the service last worked there or nothing, and the list of holds.
struct PartitionClock {
  /// The number of the last ledger line.
  let sequence: Int64
  /// The list that `lib/hold.lua` keeps.
  let holds: String

  /// Reads the reply to ``Keys/Name/clock``'s GET; nil when there is no clock, or none of ours.
  init?(_ reply: RedisReply) {
    guard let text = reply.textIfAny else { return nil }
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 4, let sequence = Int64(stored: String(parts[1])) else { return nil }
    self.sequence = sequence
    holds = String(parts[3])
  }
}
