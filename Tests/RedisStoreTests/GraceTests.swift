import Domain
import RedisStore
import Testing

/// A balance of 1,000 at 36,000 an hour is 10 mgcoin a second: gone after 100 s.
@Suite(.timeLimit(.minutes(15)))
struct GraceTests {
  private func open(_ body: (Cafe, LauncherSessionID, GameSessionID) async throws -> Void)
    async throws
  {
    try await Cafe.open(balance: 1_000, rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await body(cafe, launcher, session)
    }
  }

  private func grace(_ outcome: HeartbeatOutcome) -> Int64? {
    if case .alive(let pulse) = outcome { pulse.graceSeconds } else { nil }
  }

  @Test("The balance is spent to the exact second, and then the grace begins")
  func exactExhaustion() async throws {
    try await open { cafe, _, session in
      cafe.pass(seconds: 100)
      try await cafe.bill()
      #expect(try await cafe.report(session).state == .running)
      cafe.pass(seconds: 1)
      try await cafe.bill()
      let report = try await cafe.report(session)
      #expect(report.state == .grace)
      #expect(report.billedSeconds == 100)
      #expect(report.unbilledGraceSeconds == 1)
      #expect(try await cafe.balance() == 0)
      cafe.pass(.milliseconds(500))
      #expect(try await grace(cafe.beat(session)) == 119)
    }
  }

  @Test("When the grace is over the session ends at its deadline, billed to where the money ended")
  func chargeExhausted() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(seconds: 101)
      try await cafe.bill()
      _ = try await cafe.beat(session)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 130)
      try await cafe.bill()
      let report = try await cafe.report(session)
      #expect(report.endReason == .chargeExhausted)
      #expect(report.playSeconds == 221)
      #expect(report.billedSeconds == 100)
      #expect(report.unbilledGraceSeconds == 121)
      #expect(try await cafe.beat(session) == .ended)
    }
  }

  @Test("Without a heartbeat since the last paid second the end is the last heartbeat")
  func silentInGrace() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(seconds: 101)
      try await cafe.bill()
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 121)
      try await cafe.bill()
      let report = try await cafe.report(session)
      #expect(report.endReason == .heartbeatTimeout)
      #expect(report.playSeconds == 0)
      #expect(try await cafe.balance() == 1_000)
      #expect(try await cafe.beat(session) == .notFound)
    }
  }

  @Test("A heartbeat after the grace deadline closes the session")
  func heartbeatCloses() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(seconds: 101)
      #expect(try await grace(cafe.beat(session)) == 120)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 121)
      #expect(try await cafe.beat(session) == .ending)
      #expect(try await cafe.beat(session) == .ended)
      #expect(try await cafe.end(session) == .alreadyEnded)
    }
  }

  @Test("A top-up one second before the deadline resumes the session as if nothing had been")
  func rescue() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(seconds: 101)
      _ = try await cafe.beat(session)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 118)
      try await cafe.topUp(10_000, ref: "rescue")
      guard case .alive(let pulse) = try await cafe.beat(session) else {
        Issue.record("the session was not resumed")
        return
      }
      #expect(pulse.graceSeconds == nil)
      #expect(pulse.playSeconds == 219)
      #expect(pulse.remainingSeconds == 881)
      #expect(try await cafe.balance() == 11_000 - 2_190)
    }
  }

  @Test("A top-up that pays everything but not a minute more is debited and the deadline stands")
  func tooSmallRescue() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(seconds: 101)
      _ = try await cafe.beat(session)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(.milliseconds(99_500))
      // 200 s are played and 100 are paid: 1,000 pays the rest, 599 is no minute more.
      try await cafe.topUp(1_000 + 599, ref: "small")
      #expect(try await grace(cafe.beat(session)) == 20)
      #expect(try await cafe.balance() == 599)
      try await cafe.topUp(1, ref: "one more")
      #expect(try await grace(cafe.beat(session)) == nil)
    }
  }

  @Test("Top-ups of one coin every minute do not buy grace after grace")
  func noGraceAfterGrace() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(seconds: 101)
      _ = try await cafe.beat(session)
      var played: Int64 = 101
      while try await cafe.report(session).state != .ended, played < 400 {
        try await cafe.topUp(10, ref: "coin-\(played)")
        cafe.pass(seconds: 60)
        played += 60
        try await cafe.bill()
        _ = try await cafe.launchers.heartbeat(launcher)
        _ = try await cafe.beat(session)
      }
      let report = try await cafe.report(session)
      #expect(report.endReason == .chargeExhausted)
      #expect(report.playSeconds == 221)
      #expect(report.billedSeconds == 102)
    }
  }
}
