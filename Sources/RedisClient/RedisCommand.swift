import NIOCore

/// A command: its name and arguments, all sent as bulk strings in UTF-8.
public struct RedisCommand: Sendable {
  let arguments: [String]

  /// `RedisCommand("HGET", key, field)`.
  public init(_ name: String, _ arguments: String...) {
    self.arguments = [name] + arguments
  }

  /// Takes the name as the first argument. An empty list traps: Redis does not answer it, and
  /// every later reply would go to the wrong caller.
  public init(arguments: [String]) {
    precondition(!arguments.isEmpty, "A Redis command needs a name.")
    self.arguments = arguments
  }

  /// Appends the command in RESP2. Lengths go before the bytes, so no argument can break out of
  /// its place.
  func encode(into buffer: inout ByteBuffer) {
    buffer.writeStaticString("*")
    buffer.writeString(String(arguments.count))
    for argument in arguments {
      buffer.writeStaticString("\r\n$")
      buffer.writeString(String(argument.utf8.count))
      buffer.writeStaticString("\r\n")
      buffer.writeString(argument)
    }
    buffer.writeStaticString("\r\n")
  }
}
