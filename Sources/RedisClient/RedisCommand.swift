import NIOCore

/// A command: its name and arguments, all sent as bulk strings in UTF-8.
public struct RedisCommand: Sendable {
  /// The most bytes that stand around a word: `$`, the digits of a length, two line ends.
  static let frameBytes = 1 + 20 + 4

  /// A function of the server and the keys to call it with; nil for other commands. To put its
  /// words and the arguments into one list was 1 % of the instructions of a heartbeat.
  private let call: Call?
  private let arguments: [String]

  /// `RedisCommand("HGET", key, field)`.
  public init(_ name: String, _ arguments: String...) {
    self.init(arguments: [name] + arguments)
  }

  /// Takes the name as the first argument. An empty list traps: Redis does not answer it, and
  /// every later reply would go to the wrong caller.
  public init(arguments: [String]) {
    precondition(!arguments.isEmpty, "A Redis command needs a name.")
    call = nil
    self.arguments = arguments
  }

  /// The call of a function.
  init(_ function: Function, keys: [String], arguments: [String]) {
    call = Call(function: function, keys: keys)
    self.arguments = arguments
  }

  /// Appends the command in RESP2. Lengths go before the bytes, so no argument can break out of
  /// its place.
  ///
  /// The space is taken once and filled directly. With one write to the buffer for each part it
  /// was a tenth of the instructions of a host's heartbeat.
  func encode(into buffer: inout ByteBuffer) {
    let bound = Self.frameBytes + (call?.bound ?? 0) + Self.bound(of: arguments)
    unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
      var writer = unsafe RESPWriter(space: space)
      unsafe writer.write(arrayOf: (call?.words ?? 0) + arguments.count)
      if let call { unsafe call.encode(into: &writer) }
      for argument in arguments { unsafe writer.write(word: argument) }
      return unsafe writer.count
    }
  }

  /// `FCALL` and a function's name in RESP2, encoded once for all calls.
  struct Function: Sendable {
    let bytes: [UInt8]

    init(named name: String) {
      let words = ["FCALL", name].map { "$\($0.utf8.count)\r\n\($0)\r\n" }
      bytes = Array(words.joined().utf8)
    }
  }

  private struct Call: Sendable {
    let function: Function
    let keys: [String]

    /// Those of the function, the number of keys, and the keys.
    var words: Int { 3 + keys.count }
    /// The most bytes that these take.
    var bound: Int {
      function.bytes.count + 2 * RedisCommand.frameBytes + RedisCommand.bound(of: keys)
    }

    func encode(into writer: inout RESPWriter) {
      unsafe writer.write(encoded: function.bytes)
      unsafe writer.write(number: keys.count)
      for key in keys { unsafe writer.write(word: key) }
    }
  }

  private static func bound(of words: [String]) -> Int {
    words.reduce(0) { $0 + $1.utf8.count + frameBytes }
  }
}
