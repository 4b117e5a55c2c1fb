import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

/// Replies that no script of ours gives, in each of which a fuzzer found an end of the process.
@Suite("Replies of somebody else's scripts", .timeLimit(.minutes(15)))
struct ForeignReplyTests {
  private func expectFault(
    _ row: HostileReply,
    _ call: @escaping (RedisLink) async throws -> Void
  ) async throws {
    try await HostileRedis.with { redis, link in
      var random = SeededRandom(seed: 1)
      redis.prepare([row], &random)
      redis.calmDown()
      await #expect(throws: ServiceFault.self) { try await call(link) }
    }
  }

  @Test("Outcomes of reservations cannot be fewer than none")
  func outcomes() async throws {
    for count in [-1, 65] {
      try await expectFault(.row(5, count)) { _ = try await RedisCensus(link: $0).take() }
    }
  }

  @Test("A time to wait cannot be longer than a number of Lua's")
  func wait() async throws {
    let request = MatchRequest(regions: [], host: nil, address: "::1", idempotencyKey: nil)
    for milliseconds in [Int.max, 1 << 53 + 1, -(1 << 53) - 1] {
      try await expectFault(.row("", "warming", milliseconds)) {
        _ = try await RedisHosts(link: $0).find(request)
      }
    }
  }

  @Test("A game cannot be there twice")
  func games() async throws {
    let game = ["game", "skyfall", "Skyfall", "3600", "", "1"]
    let row = HostileReply.array((["1", "7"] + game + game).map { .text($0) })
    try await expectFault(row) { link in
      var reply = try await link.run(link.scripts.gamesRead, in: link.keys.gamesPartition, [""])
      _ = try GamesSnapshot(&reply)
    }
  }

  @Test("The largest numbers of Lua are numbers, the next ones are none")
  func largest() {
    #expect(Int64(stored: "9007199254740992") == 1 << 53)
    #expect(Int64(stored: -(1 << 53)) == -(1 << 53))
    #expect(Int64(stored: "9007199254740993") == nil)
    #expect(Int64(stored: Int64.min) == nil)
    #expect(Int64(stored: "1e3") == nil)
  }
}
