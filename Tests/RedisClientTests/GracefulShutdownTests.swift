import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Support
import Testing

@testable import RedisClient

@Suite("Graceful shutdown", .timeLimit(.minutes(15)))
struct GracefulShutdownTests {
  private func blockedClients(_ admin: RedisClient) async throws -> Bool {
    guard case .string(let text) = try await admin.send(RedisCommand("INFO", "clients")) else {
      return false
    }
    return text.contains("blocked_clients:1")
  }

  @Test("A shutdown refuses new commands and waits for the replies in flight")
  func inFlight() async throws {
    try await RedisServer.with { redis in
      let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let logger = LogLines().logger
      let client = RedisClient(
        configuration: redis.configuration,
        eventLoops: loops,
        logger: logger
      )
      let services = ServiceGroup(services: [client], logger: logger)
      let running = Task { try await services.run() }
      try await client.waitUntilConnected(within: .seconds(5))
      let blocked = Task {
        try await client.send(RedisCommand("BLPOP", "list", "0"), timeout: .seconds(20))
      }
      try await withClient(redis.configuration) { admin in
        try await eventually { try await blockedClients(admin) }
        await services.triggerGracefulShutdown()
        try await eventually { !client.isConnected }
        let refused = await failure { () throws(RedisError) in
          try await client.send(RedisCommand("PING"))
        }
        #expect(refused?.outcomeIsKnown == true)
        _ = try await admin.send(RedisCommand("LPUSH", "list", "late"))
        #expect(try await blocked.value == .array([.string("list"), .string("late")]))
      }
      try await running.value
      try await loops.shutdownGracefully()
    }
  }

  @Test("A reply that never comes holds the shutdown up for two seconds at most")
  func bounded() async throws {
    try await RedisServer.with { redis in
      let clock = ContinuousClock()
      var blocked: Task<RedisError?, Never>?
      let duration = try await clock.measure {
        try await withClient(redis.configuration) { client in
          blocked = Task {
            await failure { () throws(RedisError) in
              try await client.send(RedisCommand("BLPOP", "list", "0"), timeout: .seconds(20))
            }
          }
          try await withClient(redis.configuration) { admin in
            try await eventually { try await blockedClients(admin) }
          }
        }
      }
      // The caller itself would wait for twenty.
      #expect(duration < .seconds(15))
      guard case .connectionLost = await blocked?.value else {
        Issue.record("the caller was not told")
        return
      }
    }
  }
}
