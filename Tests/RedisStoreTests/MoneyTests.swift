import Domain
import RedisStore
import Testing

@Suite(.timeLimit(.minutes(15)))
struct MoneyTests {
  @Test(
    "A session costs floor(rate × seconds / 3600), however long it is",
    arguments: [1, 59, 61, 3599, 3600, 86_399] as [Int64]
  )
  func exactCost(seconds: Int64) async throws {
    try await Cafe.open(balance: 10_000_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: seconds)
      #expect(try await cafe.end(session) == .ended(playSeconds: seconds))
      let report = try await cafe.report(session)
      #expect(report.charged.milliGCoin == 230_000 * seconds / 3600)
      #expect(try await cafe.balance() == 10_000_000 - 230_000 * seconds / 3600)
    }
  }

  @Test("However a duration is split into ticks, the total is the same")
  func randomSplits() async throws {
    try await Cafe.open(balance: 1_000_000_000) { cafe in
      let launcher = try await cafe.startLauncher()
      var expected: Int64 = 1_000_000_000
      for _ in 0..<1_000 {
        let session = try await cafe.play(on: launcher)
        let seconds = Int64.random(in: 1...600)
        var left = seconds
        while left > 0 {
          let stride = min(left, .random(in: 1...119))
          cafe.pass(seconds: stride)
          left -= stride
          if Bool.random() { try await cafe.bill() }
          _ = try await cafe.launchers.heartbeat(launcher)
          _ = try await cafe.beat(session)
        }
        guard case .ended(let played) = try await cafe.end(session) else {
          Issue.record("the session had ended before")
          return
        }
        // On a machine that stalls, Redis may have seen more time than the test let pass.
        #expect(played >= seconds)
        expected -= 230_000 * played / 3600
      }
      #expect(try await cafe.balance() == expected)
    }
  }

  @Test("A tick that ran past the last heartbeat is credited back when the session times out")
  func reversal() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 120)
      cafe.pass(seconds: 110)
      try await cafe.bill()
      #expect(try await cafe.balance() == 1_000_000 - 230_000 * 230 / 3600)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 131)
      try await cafe.bill()
      let report = try await cafe.report(session)
      #expect(report.endReason == .heartbeatTimeout)
      #expect(report.playSeconds == 120)
      #expect(try await cafe.balance() == 1_000_000 - 230_000 * 120 / 3600)
      #expect(report.ledger.map(\.kind).suffix(2) == [.reversal, .end])
    }
  }

  @Test("No debit runs more than one heartbeat interval ahead of the last heartbeat")
  func horizon() async throws {
    try await Cafe.open { cafe in
      let (launcher, _) = try await cafe.play()
      cafe.pass(seconds: 119)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 119)
      try await cafe.bill()
      #expect(try await cafe.balance() == 1_000_000 - 230_000 * 120 / 3600)
    }
  }

  @Test("A game hopped every 115 s is billed to the second")
  func hopping() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      var last = try await cafe.play(on: launcher)
      for _ in 0..<20 {
        cafe.pass(seconds: 115)
        _ = try await cafe.launchers.heartbeat(launcher)
        last = try await cafe.play(on: launcher)
      }
      _ = try await cafe.end(last)
      #expect(try await cafe.balance() == 1_000_000 - 20 * (230_000 * 115 / 3600))
    }
  }

  @Test("Two top-ups with one reference are one; with another amount the second is refused")
  func referenceOnce() async throws {
    try await Cafe.open(balance: 0) { cafe in
      let first = try await cafe.topUp(500, ref: "INV-1")
      let second = try await cafe.topUp(500, ref: "INV-1")
      #expect(first == Booking(balance: Money(milliGCoin: 500), isApplied: true))
      #expect(second == Booking(balance: Money(milliGCoin: 500), isApplied: false))
      await #expect(throws: AdministrationError.self) { try await cafe.topUp(501, ref: "INV-1") }
      let balance = try await cafe.balance()
      #expect(balance == 500)
    }
  }

  @Test("An adjustment below zero and a top-up above the maximum are refused and change nothing")
  func balanceBounds() async throws {
    try await Cafe.open(balance: 100) { cafe in
      let ref = try #require(BookingReference("A-1"))
      let below = BalanceEntry.adjustment(Money(milliGCoin: -101), ref: ref, reason: "test")
      await #expect(throws: AdministrationError.self) {
        try await cafe.administration.book(below, for: Cafe.id)
      }
      await #expect(throws: AdministrationError.self) {
        try await cafe.topUp(Money.maximumBalance.milliGCoin - 99, ref: "A-1")
      }
      #expect(try await cafe.topUp(Money.maximumBalance.milliGCoin - 100, ref: "A-1").isApplied)
    }
  }
}
