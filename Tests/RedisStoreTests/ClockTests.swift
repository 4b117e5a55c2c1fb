import Domain
import RedisStore
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ClockTests {
  @Test("A clock that steps back bills nothing twice, and no duration is negative")
  func stepBack() async throws {
    try await Cafe.open { cafe in
      let (_, session) = try await cafe.play()
      cafe.pass(seconds: 60)
      try await cafe.bill()
      let before = try await cafe.balance()
      cafe.pass(seconds: -50)
      try await cafe.bill()
      guard case .alive(let pulse) = try await cafe.beat(session) else {
        Issue.record("the session is gone")
        return
      }
      #expect(pulse.playSeconds == 60)
      #expect(try await cafe.balance() == before)
      #expect(try await cafe.end(session) == .ended(playSeconds: 60))
    }
  }

  @Test("While the clock lags by more than 5 s nobody new is admitted")
  func laggingClock() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      cafe.pass(seconds: -6)
      let token = try await cafe.token(launcher)
      await #expect(throws: ServiceFault.self) { try await cafe.verify(token) }
      #expect(try await cafe.billing.step(cafe.partition).clockLag > .seconds(5))
      cafe.pass(seconds: 6)
      guard case .started = try await cafe.verify(token) else {
        Issue.record("the token was spoilt")
        return
      }
    }
  }
}
