import RedisClient

/// A session's meter as it lies in Redis, which also unpacks it: it is not text.
public struct PackedMeter {
  /// The format that `lib/meter.lua` documents, and what stands there in this order.
  private static let format = "<ddddddddddsssssss"
  private static let names = [
    "first", "beat", "billed", "charged", "held", "deadline", "seq", "due", "rate", "start",
    "state", "cafe", "pc", "game", "user", "ip", "launcher",
  ]

  /// Numbers and texts by their names.
  public let fields: [String: String]

  /// Reads a meter's key.
  public static func reading(_ key: String) -> RedisCommand {
    let script =
      "local text = redis.call('GET', KEYS[1]) "
      + "return text and { struct.unpack('\(format)', text) } or false"
    return RedisCommand("EVAL", script, "1", key)
  }

  /// The meter of a reply; nil when there is none.
  public init?(_ reply: RedisReply) {
    // Behind the fields the position of the end follows.
    guard case .array(let values) = reply, values.count == Self.names.count + 1 else { return nil }
    let texts = values.map { value in
      switch value {
      case .integer(let number): String(number)
      case .string(let text): text
      default: ""
      }
    }
    fields = Dictionary(uniqueKeysWithValues: zip(Self.names, texts))
  }

  /// A field, as text.
  public subscript(name: String) -> String? { fields[name] }
}
