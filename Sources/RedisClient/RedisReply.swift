/// One reply of the server. Bulk and status strings are UTF-8 text, because this service writes
/// nothing else; bytes that are not UTF-8 are a protocol violation.
public enum RedisReply: Sendable, Equatable {
  /// A null bulk string or a null array; RESP2 gives both the same meaning.
  case null
  case integer(Int64)
  /// A bulk string.
  case string(String)
  /// A simple string such as `OK`.
  case status(String)
  /// An error reply. At the top level of `send` it is thrown instead.
  case error(RedisServerError)
  case array([RedisReply])

  /// What stands behind a name in an array of names and values; nil when this is none, or lacks it.
  public func value(of name: String) -> RedisReply? {
    guard case .array(let fields) = self, let index = fields.firstIndex(of: .string(name)),
      index + 1 < fields.count
    else { return nil }
    return fields[index + 1]
  }
}

/// An error reply as the server worded it.
public struct RedisServerError: Sendable, Equatable {
  /// The first word of the line, by which errors are told apart: `READONLY`, `ERR`, `OOM`.
  public let code: String
  /// The whole line, code included.
  public let message: String

  /// Takes the line after the `-` of the protocol.
  public init(message: String) {
    self.code = String(message.prefix { $0 != " " })
    self.message = message
  }

  /// Whether the server lacks the function that was called. It has no code of its own for that.
  public var isMissingFunction: Bool { message == "ERR Function not found" }

  /// Whether this server cannot serve us now, so that another connection must find one that can:
  /// a replica, a replica without its master, or a server that still reads its files.
  var isWrongServer: Bool {
    code == "READONLY" || code == "MASTERDOWN" || code == "LOADING"
  }
}
