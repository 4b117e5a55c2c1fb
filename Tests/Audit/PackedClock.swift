import RedisClient

/// A partition's clock as it lies in Redis, which also unpacks it: it is not text.
public struct PackedClock: Sendable, Equatable {
  /// The highest time seen, in milliseconds.
  public let highest: Int64
  /// The last ledger number.
  public let sequence: Int64
  /// When the service last worked on the partition, in milliseconds, or 0.
  public let served: Int64
  /// The list of holds.
  public let holds: String

  /// Unpacks it as `lib/partition.lua` documents.
  public static let script =
    "local text = redis.call('GET', KEYS[1]) "
    + "local n = text and { struct.unpack('<ddd', text) } "
    + "return n and { n[1], n[2], n[3], string.sub(text, n[4]) } or false"

  /// Reads a clock's key.
  public static func reading(_ key: String) -> RedisCommand {
    RedisCommand("EVAL", script, "1", key)
  }

  /// The clock of a reply; nil when there is none.
  public init?(_ reply: RedisReply) {
    guard case .array(let values) = reply, values.count == 4,
      case .integer(let highest) = values[0], case .integer(let sequence) = values[1],
      case .integer(let served) = values[2], case .string(let holds) = values[3]
    else { return nil }
    self.highest = highest
    self.sequence = sequence
    self.served = served
    self.holds = holds
  }
}
