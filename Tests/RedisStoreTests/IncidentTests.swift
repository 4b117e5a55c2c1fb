import Domain
import RedisStore
import Testing

/// What has gone wrong in this trade, each as a test with its name.
@Suite(.timeLimit(.minutes(15)))
struct IncidentTests {
  @Test("Everyone thrown out by one slow minute")
  func slowMinute() async throws {
    try await Cafe.openHolding { cafe in
      var plays: [(launcher: LauncherSessionID, session: GameSessionID)] = []
      for number in 0..<20 { plays.append(try await cafe.play(pc: "PC-\(number)")) }
      // One heartbeat of everybody is lost, and a second before the TTL runs out all stands still.
      try await cafe.serve(238)
      cafe.pass(.milliseconds(61_500))
      for play in plays {
        #expect(try await cafe.launchers.heartbeat(play.launcher) != nil)
        _ = try await cafe.pulse(play.session)
      }
      try await cafe.serve(30)
      for play in plays {
        #expect(try await cafe.report(play.session).state == .running)
      }
    }
  }

  @Test("Billed during maintenance")
  func maintenance() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 600)
      let game = HoldScope(game: cafe.game.id)
      _ = try await cafe.administration.switchHold(true, for: game)
      // Half an hour in which the game's servers are down and nobody sends a heartbeat.
      for _ in 0..<30 {
        cafe.pass(.milliseconds(60_020))
        try await cafe.bill()
      }
      _ = try await cafe.administration.switchHold(false, for: game)
      #expect(try await cafe.launchers.heartbeat(launcher) != nil)
      _ = try await cafe.pulse(session)
      try await cafe.playOn(session, launcher, seconds: 300)
      #expect(try await cafe.end(session) == .ended(playSeconds: 2700))
      try await cafe.expect(session, .normal, play: 2700, billed: 899, held: 1801)
      #expect(try await cafe.balance() == 1_000_000 - 8990)
    }
  }
}
