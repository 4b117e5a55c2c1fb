import NIOCore
import Support
import Testing

@testable import RedisClient

@Suite("Failures", .timeLimit(.minutes(15)))
struct FailureTests {
  private static let alive: FakeServer.Script = { _, command in
    command == ["PING"] ? .bytes("+PONG\r\n") : .nothing
  }

  private func send(_ words: String..., to client: RedisClient) async -> RedisError? {
    await failure { () throws(RedisError) in
      try await client.send(RedisCommand(arguments: words))
    }
  }

  @Test("A connection that dies in the middle of a reply fails all its callers")
  func diesMidReply() async throws {
    try await FakeServer.with { _, command in
      switch command {
      case ["PING"]: .bytes("+PONG\r\n")
      case ["LAST"]: .bytesThenClose("*2\r\n$3\r\nabc\r\n$5\r\nhe")
      default: .nothing
      }
    } _: { _, address in
      try await withClient(RedisConfiguration.patient(address)) { client in
        async let first = send("FIRST", to: client)
        async let last = send("LAST", to: client)
        let errors = await [first, last]
        let lost = RedisError.connectionLost("the server closed the connection")
        #expect(errors == [lost, lost])
      }
    }
  }

  @Test("Garbage and replies past 32 MiB cost the connection", arguments: [0, 1])
  func violation(kind: Int) async throws {
    let megabyte = String(repeating: "x", count: 1 << 20)
    try await FakeServer.with { _, command in
      guard command != ["PING"] else { return .bytes("+PONG\r\n") }
      return kind == 0
        ? .bytes("HTTP/1.1 200 OK\r\n")
        : .bytes("$99999999\r\n" + String(repeating: megabyte, count: 34))
    } _: { server, address in
      var configuration = RedisConfiguration.patient(address)
      configuration.commandTimeout = .seconds(20)
      try await withClient(configuration) { client in
        guard case .protocolViolation = await send("GET", to: client) else {
          Issue.record("the reply was accepted")
          return
        }
        try await eventually { server.connectionCount == 2 && client.isConnected }
      }
    }
  }

  @Test("A wedged server fails the first caller by deadline, the others with the connection")
  func wedged() async throws {
    try await FakeServer.with(script: Self.alive) { server, address in
      var configuration = RedisConfiguration.patient(address)
      configuration.commandTimeout = .seconds(4)
      try await withClient(configuration) { client in
        let first = Task { await send("A", to: client) }
        try await eventually { server.commands.count == 1 }
        let second = Task { await send("B", to: client) }
        #expect(await first.value == .deadlineExceeded)
        #expect(await second.value == .connectionLost("Redis did not answer in time"))
        try await eventually { server.connectionCount >= 2 && client.isConnected }
      }
    }
  }

  @Test("A command that is late before it is sent is refused and costs no connection")
  func lateAlready() async throws {
    try await FakeServer.with(script: Self.alive) { server, address in
      try await withClient(RedisConfiguration.patient(address)) { client in
        for timeout in [Duration.zero, .seconds(-1)] {
          let error = await failure { () throws(RedisError) in
            try await client.send(RedisCommand("GET"), timeout: timeout)
          }
          #expect(error == .deadlineExceeded)
        }
        #expect(client.isConnected && server.commands.isEmpty)
      }
    }
  }

  @Test("A server that accepts and never answers is not connected")
  func neverAnswers() async throws {
    try await FakeServer.with { _, _ in
      .nothing
    } _: { _, address in
      var configuration = RedisConfiguration.patient(address)
      configuration.commandTimeout = .milliseconds(100)
      try await withClient(configuration, ready: false) { client in
        let unanswered = RedisError.notConnected("Redis did not answer in time")
        try await eventually { await send("GET", to: client) == unanswered }
        let error = await failure { () throws(RedisError) in
          try await client.waitUntilConnected(within: .milliseconds(50))
          return .null
        }
        #expect(error == unanswered)
        #expect(!client.isConnected)
      }
    }
  }

  @Test("Past its bound the queue refuses, and nothing is sent")
  func queueFull() async throws {
    try await FakeServer.with(script: Self.alive) { server, address in
      var configuration = RedisConfiguration.patient(address)
      configuration.maximumInFlight = 2
      configuration.commandTimeout = .seconds(20)
      try await withClient(configuration) { client in
        let waiting = [
          Task { await send("A", to: client) }, Task { await send("B", to: client) },
        ]
        try await eventually { server.commands.count == 2 }
        let refused = await send("C", to: client)
        #expect(refused == .queueFull)
        #expect(refused?.outcomeIsKnown == true)
        #expect(server.commands.count == 2)
        for task in waiting {
          task.cancel()
          #expect(await task.value == .cancelled)
        }
        #expect(await send("D", to: client) == .queueFull, "a cancelled caller keeps its place")
      }
    }
  }

  @Test("A cancelled caller ends at once, and the next one gets the right reply")
  func cancelled() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        _ = try await client.send(RedisCommand("SET", "k", "right"))
        // The server holds the reply back until the second client pushes.
        let blocked = Task {
          await failure { () throws(RedisError) in
            try await client.send(RedisCommand("BLPOP", "list", "0"), timeout: .seconds(20))
          }
        }
        try await withClient(redis.configuration) { admin in
          try await eventually {
            let reply = try await admin.send(RedisCommand("INFO", "clients"))
            guard case .string(let text) = reply else { return false }
            return text.contains("blocked_clients:1")
          }
          blocked.cancel()
          #expect(await blocked.value == .cancelled)
          async let next = client.send(RedisCommand("GET", "k"), timeout: .seconds(20))
          _ = try await admin.send(RedisCommand("LPUSH", "list", "wrong"))
          #expect(try await next == .string("right"))
        }
      }
    }
  }

  @Test("A task that is cancelled already sends nothing")
  func cancelledBefore() async throws {
    try await FakeServer.with(script: Self.alive) { server, address in
      try await withClient(RedisConfiguration.patient(address)) { client in
        let task = Task {
          while !Task.isCancelled { await Task.yield() }
          return await send("GET", to: client)
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(server.commands.isEmpty)
      }
    }
  }

  @Test("A hook that throws keeps the client away, and its reason is told")
  func onConnect() async throws {
    struct NotTheMaster: Error, CustomStringConvertible { let description = "not the master" }
    try await RedisServer.with { redis in
      let hook: @Sendable (RedisConnection) async throws -> Void = { connection in
        guard try await connection.send(RedisCommand("EXISTS", "master")) == .integer(1) else {
          throw NotTheMaster()
        }
      }
      try await withClient(redis.configuration, ready: false, onConnect: hook) { client in
        try await eventually {
          await send("GET", "k", to: client) == .notConnected("not the master")
        }
        try await withClient(redis.configuration) { admin in
          _ = try await admin.send(RedisCommand("SET", "master", "yes"))
        }
        try await client.waitUntilConnected(within: .seconds(5))
        #expect(await send("GET", "k", to: client) == nil)
      }
    }
  }
}
