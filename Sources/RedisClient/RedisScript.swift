/// Lua functions that the server keeps together under one name.
///
/// The server remembers them over a restart and hands them on to its replicas (`FUNCTION LOAD`).
public struct RedisLibrary: Sendable, Equatable {
  /// Its name, which only this text may have.
  public let name: String
  /// The whole text, from `#!lua name=` on.
  public let source: String

  /// Nothing is sent here.
  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// Loads it; where it is already, nothing changes.
  public var load: RedisCommand { RedisCommand("FUNCTION", "LOAD", "REPLACE", source) }
}

/// A Lua function, called by its name, so that its source crosses the wire once in a server's life.
///
/// Against a script that `EVALSHA` calls, its modules are there when it begins: to build them anew
/// took 4 to 10 µs of each call. It is no structure, because each call would copy it.
public final class RedisScript: Sendable {
  /// The name for logs and metrics.
  public let name: String
  /// The name by which the server knows it.
  public let function: String
  /// What registers it. If it does not, every call ends with the server's `Function not found`.
  public let library: RedisLibrary
  private let call: RedisCommand.Function

  /// Nothing is sent here: the library is loaded when the server first says it lacks the function.
  public init(name: String, function: String, library: RedisLibrary) {
    self.name = name
    self.function = function
    self.library = library
    call = RedisCommand.Function(named: function)
  }

  /// The call.
  public func command(keys: [String], arguments: [String]) -> RedisCommand {
    RedisCommand(call, keys: keys, arguments: arguments)
  }
}
