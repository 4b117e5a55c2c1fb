import Domain
import RedisStore
import Testing

/// A second costs 10 mgcoin, so an hour is 36,000 and ten minutes are 6,000.
@Suite(.timeLimit(.minutes(15)))
struct LowBalanceTests {
  private func told(_ cafe: Cafe) async throws -> [Int64?] {
    try await cafe.lines(.lowBalance).map { $0.integer("threshold_minutes") }
  }

  @Test("Falling below a threshold is told once, and again only after a rise above it")
  func dips() async throws {
    try await Cafe.open(balance: 37_000, rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 60)
      #expect(try await told(cafe) == [])
      try await cafe.playOn(session, launcher, seconds: 240)
      #expect(try await told(cafe) == [60])
      try await cafe.topUp(10_000, ref: "a")
      try await cafe.playOn(session, launcher, seconds: 120)
      #expect(try await told(cafe) == [60])
      try await cafe.playOn(session, launcher, seconds: 780)
      #expect(try await told(cafe) == [60, 60])
      try await cafe.playOn(session, launcher, seconds: 3000)
      #expect(try await told(cafe) == [60, 60, 10])
      let last = try #require(try await cafe.lines(.lowBalance).last)
      #expect((4_800..<6_000).contains(last.integer("balance_mgcoin") ?? 0))
      #expect(last.text("cafe_id") == "north")
    }
  }

  @Test("One fall below both thresholds tells both, the higher one first")
  func both() async throws {
    try await Cafe.open(balance: 1_000, rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 60)
      #expect(try await told(cafe) == [60, 10])
      try await cafe.playOn(session, launcher, seconds: 60)
      #expect(try await told(cafe) == [60, 10])
    }
  }
}
