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

  /// The most bytes that stand around an argument: `$`, the digits of a length, two line ends.
  private static let frameBytes = 1 + 20 + 4

  /// Appends the command in RESP2. Lengths go before the bytes, so no argument can break out of
  /// its place.
  ///
  /// The space is taken once and filled directly. With one write to the buffer for each part it
  /// was a tenth of the instructions of a host's heartbeat.
  func encode(into buffer: inout ByteBuffer) {
    let bound = arguments.reduce(Self.frameBytes) { $0 + $1.utf8.count + Self.frameBytes }
    unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
      var writer = unsafe RESPWriter(space: space)
      unsafe writer.write("*", count: arguments.count)
      for argument in arguments {
        unsafe writer.write("$", count: argument.utf8.count)
        unsafe writer.write(argument)
      }
      return unsafe writer.count
    }
  }
}
