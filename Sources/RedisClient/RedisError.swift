/// What can go wrong with a command. Callers treat the cases differently, above all by whether
/// the command may have been executed: see ``outcomeIsKnown``.
public enum RedisError: Error, Sendable, Equatable {
  /// No connection is up and nothing was sent. The text says why the last attempt failed.
  case notConnected(String)
  /// Too many commands wait for replies. Nothing was sent.
  case queueFull
  /// The reply did not come in time. The command may have been executed.
  case deadlineExceeded
  /// The connection broke after the command was handed to it, which may have been executed.
  case connectionLost(String)
  /// The server sent something that is not RESP2, and the connection was dropped. The command
  /// may have been executed.
  case protocolViolation(String)
  /// The server answered with an error.
  case server(RedisServerError)
  /// The calling task was cancelled. The command may have been executed.
  case cancelled

  /// True when the command certainly had no effect beyond what the server said about it; false
  /// when nobody knows, so that only an idempotent command may be repeated.
  public var outcomeIsKnown: Bool {
    switch self {
    case .notConnected, .queueFull, .server: true
    case .deadlineExceeded, .connectionLost, .protocolViolation, .cancelled: false
    }
  }
}

extension RedisError: CustomStringConvertible {
  /// One line for the log. It holds what the server or the system said and never a password.
  public var description: String {
    switch self {
    case .notConnected(let reason): "not connected to Redis: \(reason)"
    case .queueFull: "too many Redis commands in flight"
    case .deadlineExceeded: "Redis did not answer in time"
    case .connectionLost(let reason): "the connection to Redis was lost: \(reason)"
    case .protocolViolation(let reason): "Redis violated the protocol: \(reason)"
    case .server(let error): "Redis answered: \(error.message)"
    case .cancelled: "the caller was cancelled"
    }
  }
}
