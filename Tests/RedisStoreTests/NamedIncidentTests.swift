import Domain
import RedisClient
import RedisStore
import Support
import Testing

/// What cafes were told of other systems, each as a test with that name.
@Suite("Named incidents", .timeLimit(.minutes(15)))
struct NamedIncidentTests {
  @Test("A PC that is off is not billed")
  func pcThatIsOff() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 120)
      for _ in 0..<30 {
        cafe.pass(seconds: 60)
        try await cafe.bill()
      }
      let report = try await cafe.report(session)
      #expect(report.state == .ended)
      #expect(report.billedSeconds == 120)
      #expect(try await cafe.balance() == 1_000_000 - 230_000 * 120 / 3600)
    }
  }

  @Test("An end that never comes")
  func endThatNeverComes() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 240)
      // The game server is gone; the launcher on its PC lives on.
      for _ in 0..<30 {
        cafe.pass(seconds: 60)
        _ = try await cafe.launchers.heartbeat(launcher)
        try await cafe.bill()
      }
      let report = try await cafe.report(session)
      #expect(report.endReason == .heartbeatTimeout)
      #expect(report.billedSeconds == 240)
      #expect(try await cafe.end(session) == .notFound)
      #expect(try await cafe.balance() == 1_000_000 - 230_000 * 240 / 3600)
    }
  }

  @Test("Thirty minutes played, thirty minutes billed")
  func thirtyMinutes() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 1_800)
      #expect(try await cafe.end(session) == .ended(playSeconds: 1_800))
      #expect(try await cafe.report(session).billedSeconds == 1_800)
      #expect(try await cafe.balance() == 1_000_000 - 115_000)
    }
  }

  @Test("Charged during and again at the end")
  func chargedTwice() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 600)
      cafe.pass(seconds: 30)
      let during = try await 1_000_000 - cafe.balance()
      let ticks: ClosedRange<Int64> = 34_500...38_333
      #expect(ticks.contains(during))
      #expect(try await cafe.end(session, request: "end") == .ended(playSeconds: 630))
      #expect(try await cafe.end(session, request: "end") == .ended(playSeconds: 630))
      #expect(try await cafe.end(session, request: "again") == .alreadyEnded)
      try await cafe.bill()
      #expect(try await cafe.balance() == 1_000_000 - 230_000 * 630 / 3600)
      let report = try await cafe.report(session)
      let debits = report.ledger.reduce(0) { $0 - $1.amount.milliGCoin }
      #expect(debits == 230_000 * 630 / 3600)
    }
  }

  @Test("Zero balance still admitted")
  func zeroBalance() async throws {
    try await Cafe.open(balance: 0) { cafe in
      let launcher = try await cafe.startLauncher()
      let refused = try await cafe.launchers.issueToken(for: launcher, game: cafe.game)
      #expect(refused == .notChargeable)
      // A token from better times is no way in either.
      try await cafe.topUp(10_000, ref: "in")
      let token = try await cafe.token(launcher)
      try await adjust(cafe, -10_000, ref: "out")
      #expect(try await cafe.verify(token) == .refused(.notChargeable))
      #expect(try await cafe.administration.cafe(Cafe.id).liveSessions == 0)
    }
  }

  @Test("Debit loop after restart")
  func debitLoop() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 180)
      cafe.pass(seconds: 30)
      let before = try await cafe.balance()
      for _ in 0..<3 {
        try await cafe.server.restart()
        try await cafe.link.client.waitUntilConnected(within: .seconds(10))
        for _ in 0..<10 { try await cafe.bill() }
      }
      cafe.pass(.zero)
      #expect(try await cafe.balance() == before)
      #expect(try await cafe.report(session).billedSeconds == 180)
    }
  }

  @Test("Play time reset by a reconnect")
  func reconnect() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      let request = VerifyRequest(
        token: try await cafe.token(launcher),
        user: Cafe.user,
        game: cafe.game,
        idempotencyKey: "once"
      )
      let first = try await cafe.games.verify(request)
      guard case .started(let session) = first else {
        Issue.record("not started: \(first)")
        return
      }
      try await cafe.playOn(session, launcher, seconds: 240)
      cafe.pass(.milliseconds(500))
      // The game server has forgotten what it was told, and asks once more.
      #expect(try await cafe.games.verify(request) == first)
      guard case .alive(let pulse) = try await cafe.beat(session) else {
        Issue.record("the session is gone")
        return
      }
      #expect((240...245).contains(pulse.playSeconds))
      #expect(try await cafe.administration.cafe(Cafe.id).liveSessions == 1)
    }
  }

  @Test("A refund minted twice")
  func refundTwice() async throws {
    try await Cafe.open(balance: 1_000) { cafe in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          group.addTask { try await adjust(cafe, 500, ref: "refund-7") }
        }
        try await group.waitForAll()
      }
      #expect(try await cafe.balance() == 1_500)
    }
  }

  @Test("A reference reused after a refund")
  func reusedReference() async throws {
    try await Cafe.open(balance: 0) { cafe in
      #expect(try await cafe.topUp(1_000, ref: "invoice-1").isApplied)
      try await adjust(cafe, -1_000, ref: "refund-1")
      #expect(try await !cafe.topUp(1_000, ref: "invoice-1").isApplied)
      await #expect(throws: AdministrationError.self) {
        try await cafe.topUp(2_000, ref: "invoice-1")
      }
      await #expect(throws: AdministrationError.self) {
        try await adjust(cafe, 1_000, ref: "invoice-1")
      }
      #expect(try await cafe.balance() == 0)
    }
  }
}

/// Moves a balance by hand.
private func adjust(_ cafe: Cafe, _ amount: Int64, ref: String) async throws {
  let reference = try #require(BookingReference(ref))
  let money = Money(milliGCoin: amount)
  let entry = BalanceEntry.adjustment(money, ref: reference, reason: "refund")
  _ = try await cafe.administration.book(entry, for: Cafe.id)
}
