import Support
import Testing

@testable import RedisClient

@Suite("Reconnecting", .timeLimit(.minutes(15)))
struct ReconnectTests {
  private func send(_ words: String..., to client: RedisClient) async -> RedisError? {
    await failure { () throws(RedisError) in
      try await client.send(RedisCommand(arguments: words))
    }
  }

  @Test("After the server restarts the client is back, with one log line for each turn")
  func restart() async throws {
    let lines = LogLines()
    try await RedisServer.with { redis in
      try await withClient(redis.configuration, loops: 3, logger: lines.logger) { client in
        #expect(lines.all.isEmpty)
        try await redis.kill()
        try await eventually { lines.all.count == 1 }
        // Long enough for several attempts by each of the three connections.
        try await Task.sleep(for: .milliseconds(200))
        guard case .notConnected = await send("PING", to: client) else {
          Issue.record("the command was accepted")
          return
        }
        try await redis.restart()
        try await eventually { client.isConnected }
        #expect(await send("PING", to: client) == nil)
        #expect(lines.all.count == 2, "\(lines.all)")
        #expect(lines.all.first?.hasPrefix("error") == true)
        #expect(lines.all.last?.hasPrefix("notice") == true)
      }
    }
  }

  @Test("A caller that waits is woken when the server comes")
  func wait() async throws {
    try await RedisServer.with { redis in
      try await redis.kill()
      try await withClient(redis.configuration, ready: false) { client in
        let early = await failure { () throws(RedisError) in
          try await client.waitUntilConnected(within: .milliseconds(100))
          return .null
        }
        guard case .notConnected = early else {
          Issue.record("\(String(describing: early))")
          return
        }
        let waiting = Task { try await client.waitUntilConnected(within: .seconds(10)) }
        try await redis.restart()
        try await waiting.value
        #expect(await send("PING", to: client) == nil)
      }
    }
  }

  @Test("A READONLY answer reaches its caller and costs the connection")
  func readOnly() async throws {
    try await RedisServer.with { redis in
      try await withClient(redis.configuration) { client in
        let before = try await client.send(RedisCommand("CLIENT", "ID"))
        _ = try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", "1"))
        guard case .server(let answer) = await send("SET", "k", "v", to: client) else {
          Issue.record("the write was accepted")
          return
        }
        #expect(answer.code == "READONLY")
        try await eventually {
          let now = try? await client.send(RedisCommand("CLIENT", "ID"))
          return now != nil && now != before
        }
        _ = try await client.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        #expect(await send("SET", "k", "v", to: client) == nil)
      }
    }
  }

  @Test("A replica without its master is not connected to")
  func masterDown() async throws {
    let options = RedisServer.Options(settings: ["replica-serve-stale-data": "no"])
    try await RedisServer.with(options) { redis in
      // Nothing listens there.
      #expect(try await redis.raw("REPLICAOF 127.0.0.1 1") == "+OK\r\n")
      try await withClient(redis.configuration, ready: false) { client in
        try await eventually {
          guard case .notConnected(let reason) = await send("PING", to: client) else {
            return false
          }
          return reason.contains("MASTERDOWN")
        }
      }
    }
  }

  @Test("Pauses double up to the maximum, and start again after a connection that lasted")
  func backoff() {
    var longest: [Duration] = []
    for _ in 0..<300 {
      var backoff = Backoff(initial: .milliseconds(20), maximum: .seconds(1))
      let pauses = (0..<10).map { _ in backoff.next() }
      longest = longest.isEmpty ? pauses : zip(longest, pauses).map(max)
    }
    for (index, pause) in longest.enumerated() {
      let bound = min(Duration.milliseconds(20) * (1 << index), .seconds(1))
      #expect(pause <= bound && pause > bound * 0.8, "pause \(index)")
    }
    var backoff = Backoff(initial: .milliseconds(20), maximum: .seconds(1))
    for _ in 0..<10 { _ = backoff.next() }
    backoff.connectionEnded(after: .milliseconds(999))
    #expect((0..<50).contains { _ in backoff.next() > .milliseconds(100) })
    backoff.connectionEnded(after: .seconds(1))
    #expect(backoff.next() <= .milliseconds(20))
  }
}
