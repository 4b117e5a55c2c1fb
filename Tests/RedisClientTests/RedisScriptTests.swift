import Support
import Testing

@testable import RedisClient

@Suite("Scripts", .timeLimit(.minutes(15)))
struct RedisScriptTests {
  private static let library = RedisLibrary(
    name: "tests",
    source: """
      #!lua name=tests
      redis.register_function('increment', function(keys, arguments)
        return redis.call('INCRBY', keys[1], arguments[1])
      end)
      """
  )
  private static let increment = RedisScript(
    name: "increment",
    function: "increment",
    library: library
  )

  private func increment(_ client: RedisClient) async throws(RedisError) -> RedisReply {
    try await client.run(Self.increment, keys: ["n"], arguments: ["5"], timeout: .seconds(10))
  }

  @Test("A script the server lacks is loaded, also after FUNCTION FLUSH, and runs once per call")
  func load() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        #expect(try await increment(client) == .integer(5))
        #expect(try await increment(client) == .integer(10))
        _ = try await client.send(RedisCommand("FUNCTION", "FLUSH"))
        #expect(try await increment(client) == .integer(15))
      }
    }
  }

  @Test("A function that its library does not have ends with an error instead of a loop")
  func wrongFunction() async throws {
    let script = RedisScript(name: "wrong", function: "decrement", library: Self.library)
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        let error = await failure { () throws(RedisError) in
          try await client.run(script, keys: [], arguments: [])
        }
        guard case .server(let answer) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(answer.isMissingFunction)
      }
    }
  }

  @Test("A script whose connection is killed in flight is repeated on a new one")
  func killedInFlight() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { admin in
        try await withClient(redis.configuration) { client in
          #expect(try await increment(client) == .integer(5))
          // The server holds writes back, so the script is in flight for as long as we like.
          _ = try await admin.send(RedisCommand("CLIENT", "PAUSE", "20000", "WRITE"))
          async let result = increment(client)
          try await eventually {
            let reply = try await admin.send(RedisCommand("INFO", "clients"))
            guard case .string(let text) = reply else { return false }
            return text.contains("blocked_clients:1")
          }
          let kill = RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
          #expect(try await admin.send(kill) == .integer(1))
          _ = try await admin.send(RedisCommand("CLIENT", "UNPAUSE"))
          #expect(try await result == .integer(10))
        }
      }
    }
  }

  @Test("A script is repeated once and no more, and a command never")
  func repeatedOnce() async throws {
    try await FakeServer.with { _, command in
      command == ["PING"] ? .bytes("+PONG\r\n") : .bytesThenClose("$100\r\nhalf")
    } _: { server, address in
      try await withClient(RedisConfiguration.patient(address)) { client in
        let error = await failure { () throws(RedisError) in try await increment(client) }
        #expect(error == .connectionLost("the server closed the connection"))
        #expect(server.commands.map(\.first) == ["FCALL", "FCALL"])
        try await eventually { client.isConnected }
        let lost = await failure { () throws(RedisError) in
          try await client.send(RedisCommand("INCR", "n"))
        }
        #expect(lost == .connectionLost("the server closed the connection"))
        #expect(lost?.outcomeIsKnown == false)
        #expect(server.commands.count == 3)
      }
    }
  }

  @Test("If the repeat finds no server, the outcome stays unknown")
  func unknownStaysUnknown() async throws {
    try await FakeServer.with { connection, command in
      guard command == ["PING"] else { return .bytesThenClose("") }
      return connection == 0 ? .bytes("+PONG\r\n") : .bytes("-LOADING wait\r\n")
    } _: { server, address in
      try await withClient(RedisConfiguration.patient(address)) { client in
        let error = await failure { () throws(RedisError) in
          try await client.run(
            Self.increment,
            keys: [],
            arguments: [],
            timeout: .seconds(3)
          )
        }
        #expect(error == .connectionLost("the server closed the connection"))
        #expect(server.commands.count == 1)
      }
    }
  }

  @Test("A script is not repeated after its deadline")
  func deadline() async throws {
    try await FakeServer.with { _, command in
      command == ["PING"] ? .bytes("+PONG\r\n") : .nothing
    } _: { server, address in
      try await withClient(RedisConfiguration.patient(address)) { client in
        let error = await failure { () throws(RedisError) in
          try await client.run(
            Self.increment,
            keys: [],
            arguments: [],
            timeout: .seconds(3)
          )
        }
        #expect(error == .deadlineExceeded)
        try await eventually { server.connectionCount == 2 }
        #expect(server.commands.count == 1)
      }
    }
  }
}
