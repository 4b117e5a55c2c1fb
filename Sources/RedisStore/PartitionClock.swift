import RedisClient

/// What a partition's clock tells, as `lib/partition.lua` packs it.
struct PartitionClock {
  /// The number of the last ledger line.
  let sequence: Int64
  /// The list that `lib/hold.lua` keeps.
  let holds: String

  /// The command whose reply is read. Redis unpacks the clock, which is no text, with a script of
  /// this one command: none of the library's is needed, which a new connection may not have yet.
  static func reading(_ key: String) -> RedisCommand {
    RedisCommand("EVAL_RO", Self.script, "1", key)
  }

  private static let script = """
    local text = redis.call('GET', KEYS[1])
    if not text then return false end
    local _, seq, _, holds_at = struct.unpack('<ddd', text)
    return { seq, string.sub(text, holds_at) }
    """

  /// Reads the reply to ``reading(_:)``; nil when there is no clock, or none of ours.
  init?(_ reply: RedisReply) {
    guard case .array(let values) = reply, values.count == 2,
      case .integer(let number) = values[0], let sequence = Int64(stored: number),
      let holds = values[1].textIfAny
    else { return nil }
    self.sequence = sequence
    self.holds = holds
  }
}
