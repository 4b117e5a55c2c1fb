import Audit
import Domain
import RedisStore
import Support
import Testing

/// Holds by hand, with exact money: a second costs 10 mgcoin.
@Suite(.timeLimit(.minutes(15)))
struct HoldTests {
  private func open(_ body: (Cafe, LauncherSessionID, GameSessionID) async throws -> Void)
    async throws
  {
    try await Cafe.open(rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 120)
      try await body(cafe, launcher, session)
    }
  }

  private static let scopes: [HoldScope] = [
    HoldScope(), HoldScope(cafe: Cafe.id), HoldScope(game: GameID("skyfall")),
    HoldScope(cafe: Cafe.id, game: GameID("skyfall")),
  ]

  @Test("While a hold is on nothing is billed and nobody is thrown out", arguments: scopes)
  func held(scope: HoldScope) async throws {
    try await open { cafe, launcher, session in
      let administration = cafe.administration
      #expect(try await administration.switchHold(true, for: scope))
      let balance = try await cafe.balance()
      for _ in 0..<10 {
        cafe.pass(.milliseconds(60_050))
        try await cafe.bill()
      }
      #expect(try await cafe.balance() == balance)
      #expect(try await cafe.report(session).state == .running)
      #expect(try await administration.listHolds().map(\.scope) == [scope])
      #expect(try await administration.switchHold(false, for: scope))
      #expect(try await administration.listHolds().isEmpty)
      #expect(try await cafe.launchers.heartbeat(launcher) != nil)
      _ = try await cafe.pulse(session)
      try await cafe.playOn(session, launcher, seconds: 120)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 840, billed: 239, held: 601)
      #expect(try await cafe.balance() == 1_000_000 - 2390)
    }
  }

  @Test("A hold for another cafe or another game holds nothing here")
  func otherScope() async throws {
    try await open { cafe, launcher, session in
      let east = try #require(CafeID("east"))
      let networks = [try #require(Network("198.51.100.0/24"))]
      let other = try cafe.anotherGame()
      _ = try await cafe.administration.createCafe(
        NewCafe(id: east, name: "East", networks: networks)
      )
      _ = try await cafe.administration.createGame(other)
      for scope in [HoldScope(cafe: east), HoldScope(game: other.id)] {
        #expect(try await cafe.administration.switchHold(true, for: scope))
      }
      cafe.pass(seconds: 125)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 125)
      try await cafe.bill()
      try await cafe.expect(session, .heartbeatTimeout, play: 120, billed: 120, held: 0)
    }
  }

  @Test("Whoever does not come back after the hold ends one TTL later at the last heartbeat")
  func neverBack() async throws {
    try await open { cafe, launcher, session in
      _ = try await cafe.administration.switchHold(true, for: HoldScope())
      cafe.pass(seconds: 600)
      _ = try await cafe.administration.switchHold(false, for: HoldScope())
      cafe.pass(seconds: 230)
      try await cafe.bill()
      #expect(try await cafe.launchers.heartbeat(launcher) != nil)
      cafe.pass(seconds: 15)
      try await cafe.bill()
      try await cafe.expect(session, .heartbeatTimeout, play: 120, billed: 120, held: 0)
    }
  }

  @Test("Sessions can be ended, replaced and started while a hold is on")
  func explicitEnds() async throws {
    try await open { cafe, launcher, session in
      _ = try await cafe.administration.switchHold(true, for: HoldScope(cafe: Cafe.id))
      cafe.pass(.milliseconds(300_500))
      _ = try await cafe.launchers.heartbeat(launcher)
      let second = try await cafe.play(on: launcher)
      try await cafe.expect(session, .replaced, play: 240, billed: 120, held: 120)
      cafe.pass(.milliseconds(100_500))
      _ = try await cafe.administration.endSession(second.description)
      try await cafe.expect(second, .operatorEnded, play: 100, billed: 0, held: 100)
      let third = try await cafe.play(on: launcher)
      cafe.pass(.milliseconds(50_500))
      _ = try await cafe.startLauncher()
      try await cafe.expect(third, .launcherRestart, play: 0, billed: 0, held: 0)
    }
  }

  @Test("A grace stands still while a hold is on")
  func grace() async throws {
    try await Cafe.open(balance: 1_000, rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      cafe.pass(seconds: 110)
      try await cafe.bill()
      cafe.pass(.milliseconds(20_500))
      let before = try await cafe.pulse(session).graceSeconds
      _ = try await cafe.administration.switchHold(true, for: HoldScope())
      for _ in 0..<5 {
        cafe.pass(seconds: 100)
        try await cafe.bill()
        _ = try await cafe.launchers.heartbeat(launcher)
        #expect(try await cafe.pulse(session).graceSeconds == before)
      }
      _ = try await cafe.administration.switchHold(false, for: HoldScope())
      #expect(try await cafe.pulse(session).graceSeconds == before)
    }
  }

  @Test("Switching twice changes nothing, and each partition has one line of either kind")
  func repeated() async throws {
    try await open { cafe, _, _ in
      let administration = cafe.administration
      #expect(try await administration.switchHold(true, for: HoldScope()))
      #expect(try await !administration.switchHold(true, for: HoldScope()))
      #expect(try await administration.listHolds().map(\.partitions) == [4])
      #expect(try await administration.switchHold(false, for: HoldScope()))
      #expect(try await !administration.switchHold(false, for: HoldScope()))
      for partition in cafe.link.keys.partitions {
        let kinds = try await cafe.link.ledgerLines(in: partition).compactMap(\.kind)
        #expect(kinds.filter { [.holdOn, .holdOff].contains($0) } == [.holdOn, .holdOff])
      }
    }
  }

  @Test("Overlapping holds count once")
  func overlapping() async throws {
    try await open { cafe, _, session in
      let (all, one) = (HoldScope(), HoldScope(cafe: Cafe.id))
      _ = try await cafe.administration.switchHold(true, for: all)
      cafe.pass(.milliseconds(100_500))
      _ = try await cafe.administration.switchHold(true, for: one)
      cafe.pass(seconds: 100)
      _ = try await cafe.administration.switchHold(false, for: all)
      cafe.pass(seconds: 100)
      _ = try await cafe.administration.switchHold(false, for: one)
      _ = try await cafe.pulse(session)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 420, billed: 119, held: 301)
    }
  }

  @Test("A life that went on from hold to hold without a heartbeat has all of them held")
  func chained() async throws {
    try await open { cafe, _, session in
      let (all, one) = (HoldScope(), HoldScope(cafe: Cafe.id))
      _ = try await cafe.administration.switchHold(true, for: all)
      cafe.pass(.milliseconds(100_500))
      _ = try await cafe.administration.switchHold(false, for: all)
      cafe.pass(seconds: 50)
      try await cafe.bill()
      _ = try await cafe.administration.switchHold(true, for: one)
      // The first hold is past by far when the second one ends.
      for _ in 0..<10 {
        cafe.pass(seconds: 60)
        try await cafe.bill()
      }
      _ = try await cafe.administration.switchHold(false, for: one)
      _ = try await cafe.pulse(session)
      _ = try await cafe.end(session)
      let report = try await cafe.report(session)
      #expect(report.playSeconds == 870)
      #expect((700...702).contains(report.heldSeconds))
      #expect(report.billedSeconds == 870 - report.heldSeconds)
    }
  }

  @Test("What is unknown is refused, and so are more holds than a partition remembers")
  func refused() async throws {
    try await open { cafe, launcher, session in
      let administration = cafe.administration
      let (nobody, nothing) = (try #require(CafeID("nobody")), try #require(GameID("nothing")))
      await #expect(throws: AdministrationError.cafeNotFound(nobody)) {
        try await administration.switchHold(true, for: HoldScope(cafe: nobody))
      }
      await #expect(throws: AdministrationError.gameNotFound(nothing)) {
        try await administration.switchHold(true, for: HoldScope(game: nothing))
      }
      let scope = HoldScope(cafe: Cafe.id)
      for _ in 0..<24 {
        _ = try await administration.switchHold(true, for: scope)
        _ = try await administration.switchHold(false, for: scope)
      }
      await #expect(throws: AdministrationError.self) {
        try await administration.switchHold(true, for: scope)
      }
      try await cafe.playOn(session, launcher, seconds: 310)
      #expect(try await administration.switchHold(true, for: scope))
    }
  }
}
