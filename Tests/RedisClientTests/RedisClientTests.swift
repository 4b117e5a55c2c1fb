import NIOCore
import NIOPosix
import Support
import Testing

@testable import RedisClient

@Suite("Client with a real server", .timeLimit(.minutes(15)))
struct RedisClientTests {
  @Test("A value written over a Unix socket is read over TCP")
  func unixSocketAndTCP() async throws {
    try await RedisServer.with(.init(listensOnTCP: true)) { redis in
      try await withClient(redis.configuration) { client in
        let reply = try await client.send(RedisCommand("SET", "k", "카페"))
        #expect(reply == .status("OK"))
      }
      for host in ["127.0.0.1", "localhost"] {
        let configuration = RedisConfiguration.patient(.tcp(host: host, port: redis.port))
        try await withClient(configuration) { client in
          let names = [RedisCommand("GET", "k"), RedisCommand("GET", "none")]
          let replies = try await client.send(pipeline: names)
          #expect(replies == [.string("카페"), .null])
        }
      }
    }
  }

  @Test("Ten thousand concurrent commands each get their own reply")
  func pipelining() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration, loops: 2) { client in
        try await withThrowingTaskGroup(of: Bool.self) { group in
          for number in 0..<10_000 {
            group.addTask {
              let echo = RedisCommand("ECHO", "\(number)")
              let reply = try await client.send(echo, timeout: .seconds(20))
              return reply == .string("\(number)")
            }
          }
          for try await isRight in group { try #require(isRight) }
        }
      }
    }
  }

  @Test("A new connection is prepared in few round trips, in order, and an error is thrown")
  func preparation() async throws {
    let numbers = (0..<600).map { String($0) }
    let hook: @Sendable (RedisConnection) async throws -> Void = { connection in
      let echoes = numbers.map { RedisCommand("ECHO", $0) }
      let replies = try await connection.send(pipeline: echoes)
      let isInOrder = replies == numbers.map { .string($0) }
      #expect(isInOrder)
      let none = try await connection.send(pipeline: [])
      #expect(none.isEmpty)
      let commands = [RedisCommand("ECHO", "a"), RedisCommand("NO"), RedisCommand("SET", "k", "v")]
      do throws(RedisError) {
        _ = try await connection.send(pipeline: commands)
        Issue.record("no error")
      } catch {
        guard case .server(let answer) = error else { throw error }
        #expect(answer.code == "ERR")
      }
    }
    try await RedisServer.with { redis in
      try await withClient(redis.configuration, onConnect: hook) { client in
        let reply = try await client.send(RedisCommand("GET", "k"))
        #expect(reply == .string("v"))
      }
    }
  }

  @Test("A pipeline's replies come in order, with errors in their places")
  func pipeline() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        let replies = try await client.send(pipeline: [
          RedisCommand("SET", "k", "text"), RedisCommand("INCR", "k"), RedisCommand("GET", "k"),
        ])
        try #require(replies.count == 3)
        #expect(replies[0] == .status("OK"))
        guard case .error(let error) = replies[1] else {
          Issue.record("\(replies[1])")
          return
        }
        #expect(error.code == "ERR")
        #expect(replies[2] == .string("text"))
        #expect(try await client.send(pipeline: []).isEmpty)
        #expect(try await client.send(pipeline: [RedisCommand("GET", "k")]) == [.string("text")])
      }
    }
  }

  @Test("An error reply is thrown with its code, and its outcome is known")
  func serverError() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        _ = try await client.send(RedisCommand("LPUSH", "list", "x"))
        let error = await failure { () throws(RedisError) in
          try await client.send(RedisCommand("GET", "list"))
        }
        guard case .server(let answer) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(answer.code == "WRONGTYPE")
        #expect(error?.outcomeIsKnown == true)
      }
    }
  }

  @Test("A string of 10 MB crosses the connection whole")
  func largeValue() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        let text = String(repeating: "0123456789", count: 1_000_000)
        _ = try await client.send(RedisCommand("SET", "k", text), timeout: .seconds(20))
        let reply = try await client.send(RedisCommand("GET", "k"), timeout: .seconds(20))
        #expect(reply == .string(text))
      }
    }
  }

  @Test("SELECT keeps two databases apart")
  func select() async throws {
    try await RedisServer.with { redis in
      var other = redis.configuration
      other.database = 3
      try await withClient(other) { client in
        _ = try await client.send(RedisCommand("SET", "k", "three"))
      }
      try await withClient(redis.configuration) { client in
        #expect(try await client.send(RedisCommand("GET", "k")) == .null)
        _ = try await client.send(RedisCommand("SELECT", "3"))
        #expect(try await client.send(RedisCommand("GET", "k")) == .string("three"))
      }
    }
  }

  @Test("A task on an event loop uses that loop's connection, and another one while it is down")
  func ownLoop() async throws {
    try await RedisServer.with { redis in
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
      var configuration = redis.configuration
      // A lost connection stays away for longer than the test.
      configuration.backoffInitial = .seconds(1_000)
      configuration.backoffMaximum = .seconds(1_000)
      let client = RedisClient(
        configuration: configuration,
        eventLoops: group,
        logger: LogLines().logger
      )
      let running = Task { try await client.run() }
      try await eventually { client.isConnected }
      var identities: [Int64] = []
      let loops = Array(group.makeIterator())
      for loop in loops {
        let seen = try await identity(of: client, on: loop)
        #expect(seen.count == 1, "one loop used several connections")
        identities += seen
      }
      #expect(Set(identities).count == 3)
      let first = identities[0]
      let kill = RedisCommand("CLIENT", "KILL", "ID", "\(first)", "SKIPME", "no")
      _ = await failure { () throws(RedisError) in try await client.send(kill) }
      try await eventually { !client.isConnected }
      let substitutes = try await identity(of: client, on: loops[0])
      #expect(substitutes.isSubset(of: identities.dropFirst()) && !substitutes.isEmpty)
      running.cancel()
      try await running.value
      try await group.shutdownGracefully()
    }
  }

  /// The connections that twenty commands from one loop went through, by the server's numbers.
  private func identity(
    of client: RedisClient,
    on loop: any EventLoop
  ) async throws -> Set<Int64> {
    try await Task(executorPreference: LoopExecutor(loop)) {
      var seen: Set<Int64> = []
      for _ in 0..<20 {
        #expect(loop.inEventLoop)
        guard case .integer(let id) = try await client.send(RedisCommand("CLIENT", "ID")) else {
          Issue.record("CLIENT ID is a number")
          break
        }
        seen.insert(id)
      }
      return seen
    }
    .value
  }
}
