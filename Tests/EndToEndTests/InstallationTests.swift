import Support
import Testing

/// That the stage itself sees what it is there to see.
@Suite(.timeLimit(.minutes(15)))
struct InstallationTests {
  @Test("The audit finds a mgcoin that nobody booked, and a session that nobody bills")
  func audit() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      let cafe = play.launcher.cafe
      #expect(try await stage.auditFindings() == [])
      try await cafe.falsify(by: 1)
      #expect(try await stage.auditFindings().contains { $0.hasPrefix("I2") })
      try await cafe.falsify(by: -1)

      let due = try cafe.key("due")
      let score = try await stage.redis.raw("ZSCORE \(due) \(play.id)")
      let deadline = try #require(score.split(separator: "\r\n").last)
      _ = try await stage.redis.raw("ZREM \(due) \(play.id)")
      #expect(try await stage.auditFindings().contains { $0.contains("never due") })
      _ = try await stage.redis.raw("ZADD \(due) \(deadline) \(play.id)")
      #expect(try await stage.auditFindings() == [])
    }
  }

  @Test("Time passes for Redis when the test says so")
  func time() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      stage.pass(seconds: 100)
      #expect(try await play.beat().success().integer("play_duration_sec") == 100)
      stage.pass(seconds: 100)
      #expect(try await play.beat().success().integer("play_duration_sec") == 200)
    }
  }
}
