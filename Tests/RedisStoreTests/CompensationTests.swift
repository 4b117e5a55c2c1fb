import Domain
import Support
import Testing

@testable import RedisStore

/// A second costs 10 mgcoin.
@Suite(.timeLimit(.minutes(15)))
struct CompensationTests {
  private func compensation(
    from: Instant,
    to: Instant,
    percent: Int = 50,
    ref: String = "LAG-1"
  ) throws -> Compensation {
    Compensation(
      from: from,
      to: to,
      percent: percent,
      reference: try #require(BookingReference(ref))
    )
  }

  /// The script's call for one session, as if nothing had followed it.
  private func creditOne(
    _ session: GameSessionID,
    _ period: Compensation,
    _ cafe: Cafe
  ) async throws {
    let arguments = [
      Cafe.id.text, period.reference.text, String(period.from.milliseconds),
      String(period.to.milliseconds), String(period.percent), "", session.description,
    ]
    _ = try await cafe.link.run(cafe.link.scripts.cafeCompensate, in: cafe.partition, arguments)
  }

  @Test("Ended and living sessions get their share of the period, once per reference")
  func share() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 300)
      _ = try await cafe.end(session)
      let (other, living) = try await cafe.play(pc: "PC-2")
      try await cafe.playOn(living, other, seconds: 120)
      // From 101 s after the first start on: 199 s of the one and 120 s of the other, of which 33 %
      // are 656.7 and 396.
      let start = try await cafe.report(session).startedAt
      let now = try await cafe.report(living).lastHeartbeatAt
      let period = try compensation(from: start.advanced(bySeconds: 101), to: now, percent: 33)
      let expected: Int64 = 656 + 396
      let before = try await cafe.balance()
      let first = try await cafe.administration.compensate(period, for: Cafe.id)
      #expect(first.isApplied)
      #expect(first.sessions == 2)
      #expect(first.credited.milliGCoin == expected)
      #expect(try await cafe.balance() == before + expected)
      let again = try await cafe.administration.compensate(period, for: Cafe.id)
      #expect(!again.isApplied)
      #expect(again.credited == first.credited)
      #expect(again.sessions == 2)
      #expect(again.balance.milliGCoin == before + expected)
      let lines = try await cafe.lines(.compensation)
      #expect(lines.map { $0.text("ref") } == ["LAG-1", "LAG-1"])
      let ids = Set(lines.compactMap { $0.text("game_session_id") })
      #expect(ids == [session.description, living.description])
      _ = try await cafe.end(living)
    }
  }

  @Test("Held seconds were not billed, so nothing is given back for them")
  func heldTime() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 120)
      _ = try await cafe.administration.switchHold(true, for: HoldScope(cafe: Cafe.id))
      cafe.pass(.milliseconds(600_500))
      _ = try await cafe.administration.switchHold(false, for: HoldScope(cafe: Cafe.id))
      _ = try await cafe.launchers.heartbeat(launcher)
      _ = try await cafe.pulse(session)
      // Long enough for the hold to leave the list for the past.
      try await cafe.playOn(session, launcher, seconds: 600)
      _ = try await cafe.end(session)
      let start = try await cafe.report(session).startedAt
      func credited(_ from: Int64, _ to: Int64, _ ref: String) async throws -> Int64 {
        let period = try compensation(
          from: start.advanced(bySeconds: from),
          to: start.advanced(bySeconds: to),
          percent: 100,
          ref: ref
        )
        return try await cafe.administration.compensate(period, for: Cafe.id).credited.milliGCoin
      }
      #expect(try await credited(200, 700, "inside") == 0)
      #expect(try await credited(-100, 10_000, "all") == 7_190)
      #expect(try await credited(60, 800, "across") == 1_390)
    }
  }

  @Test("A reference of a top-up is taken, and one of a compensation is taken for a top-up")
  func sharedNamespace() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      let (_, session) = try await cafe.play()
      cafe.pass(.milliseconds(60_500))
      _ = try await cafe.end(session)
      let report = try await cafe.report(session)
      let end = try #require(report.endedAt)
      let taken = try compensation(from: report.startedAt, to: end, ref: "first")
      await #expect(throws: AdministrationError.self) {
        try await cafe.administration.compensate(taken, for: Cafe.id)
      }
      let period = try compensation(from: report.startedAt, to: end)
      #expect(try await cafe.administration.compensate(period, for: Cafe.id).isApplied)
      await #expect(throws: AdministrationError.self) { try await cafe.topUp(1, ref: "LAG-1") }
      let other = try compensation(from: report.startedAt, to: end, percent: 51)
      await #expect(throws: AdministrationError.self) {
        try await cafe.administration.compensate(other, for: Cafe.id)
      }
      let nobody = try #require(CafeID("nobody"))
      await #expect(throws: AdministrationError.cafeNotFound(nobody)) {
        try await cafe.administration.compensate(period, for: nobody)
      }
    }
  }

  @Test("One that was interrupted is finished by its repeat, and no session is credited twice")
  func interrupted() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      var sessions: [GameSessionID] = []
      for number in 0..<3 {
        let (_, session) = try await cafe.play(pc: "PC-\(number)")
        cafe.pass(.milliseconds(60_500))
        _ = try await cafe.end(session, request: "r\(number)")
        sessions.append(session)
      }
      let start = try await cafe.report(sessions[0]).startedAt
      let period = try compensation(from: start, to: start.advanced(bySeconds: 1000))
      try await creditOne(sessions[1], period, cafe)
      try await creditOne(sessions[1], period, cafe)
      #expect(try await cafe.lines(.compensation).count == 1)
      let report = try await cafe.administration.compensate(period, for: Cafe.id)
      #expect(report.isApplied)
      #expect(report.sessions == 3)
      #expect(report.credited.milliGCoin == 900)
      #expect(try await cafe.lines(.compensation).count == 3)
      // A batch that was still on its way finds the reference done.
      try await creditOne(sessions[1], period, cafe)
      #expect(try await cafe.lines(.compensation).count == 3)
      let left = try await cafe.server.raw("EXISTS \(cafe.key("credited:north:LAG-1"))")
      #expect(left == ":0\r\n")
    }
  }

  @Test("A credit never takes the balance above the maximum")
  func maximum() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      let (_, session) = try await cafe.play()
      cafe.pass(.milliseconds(60_500))
      _ = try await cafe.end(session)
      let room = Money.maximumBalance.milliGCoin - (try await cafe.balance())
      try await cafe.topUp(room - 299, ref: "rich")
      let start = try await cafe.report(session).startedAt
      let period = try compensation(from: start, to: start.advanced(bySeconds: 100))
      await #expect(throws: AdministrationError.self) {
        try await cafe.administration.compensate(period, for: Cafe.id)
      }
      #expect(try await cafe.lines(.compensation).isEmpty)
    }
  }

  @Test("What a close will give back is not credited before")
  func unproven() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 120)
      cafe.pass(.milliseconds(61_500))
      try await cafe.bill()
      #expect(try await cafe.report(session).billedSeconds == 181)
      let start = try await cafe.report(session).startedAt
      let period = try compensation(
        from: start,
        to: start.advanced(bySeconds: 1000),
        percent: 100
      )
      let report = try await cafe.administration.compensate(period, for: Cafe.id)
      #expect(report.credited.milliGCoin == 1200)
      cafe.pass(seconds: 200)
      try await cafe.bill()
      #expect(try await cafe.balance() == 1_000_000)
    }
  }
}
