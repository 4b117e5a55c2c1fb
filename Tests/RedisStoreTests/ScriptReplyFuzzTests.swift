import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

/// What the ports make of replies that no script of ours gives.
@Suite("Script replies of other shapes", .timeLimit(.minutes(15)))
struct ScriptReplyFuzzTests {
  @Test("Whatever a script answers, a call gives a value or the fault that it may throw")
  func hostileReplies() async throws {
    try await HostileRedis.with { redis, link in
      let calls = FuzzedCalls(link: link).all
      try await Fuzzing("script replies")
        .run { random in
          let call = random.pick(calls)
          redis.prepare(call.rows, &random)
          do {
            try await call.run()
          } catch is ServiceFault, is AdministrationError {
            try await Self.expectConnection(redis, link)
          } catch {
            throw SupportError("\(call.name) threw \(error)")
          }
        }
    }
  }

  /// Some errors say that the server is none of ours, and end the connection.
  private static func expectConnection(_ redis: HostileRedis, _ link: RedisLink) async throws {
    guard !link.client.isConnected else { return }
    redis.calmDown()
    try await link.client.waitUntilConnected(within: .seconds(10))
  }
}
