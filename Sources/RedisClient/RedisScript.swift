/// A Lua script, called by its digest so that its source crosses the wire once per server start.
public struct RedisScript: Sendable {
  /// The name for logs and metrics.
  public let name: String
  public let source: String
  /// SHA-1 of `source` in lower-case hexadecimal: the name by which Redis keeps the script. The
  /// caller computes it. If it is wrong, every call ends with the server's `NOSCRIPT`.
  public let sha1: String

  /// Nothing is sent here: the script is loaded when the server first says it lacks it.
  public init(name: String, source: String, sha1: String) {
    self.name = name
    self.source = source
    self.sha1 = sha1
  }

  func command(keys: [String], arguments: [String]) -> RedisCommand {
    var words: [String] = []
    words.reserveCapacity(3 + keys.count + arguments.count)
    words.append("EVALSHA")
    words.append(sha1)
    words.append(String(keys.count))
    words.append(contentsOf: keys)
    words.append(contentsOf: arguments)
    return RedisCommand(arguments: words)
  }
}
