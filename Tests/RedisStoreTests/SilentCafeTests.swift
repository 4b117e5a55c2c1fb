import Domain
import RedisStore
import Testing

@Suite(.timeLimit(.minutes(15)))
struct SilentCafeTests {
  /// Starts sessions, lets all but some fall silent, bills, and returns the cafes that were named.
  private func named(of count: Int, stayingAlive: Int) async throws -> (log: Int, ledger: Int) {
    var named = (log: 0, ledger: 0)
    try await Cafe.open(rate: 36_000) { cafe in
      var plays: [(LauncherSessionID, GameSessionID)] = []
      for number in 0..<count { plays.append(try await cafe.play(pc: "PC-\(number)")) }
      for second in stride(from: 60, through: 300, by: 60) {
        cafe.pass(.milliseconds(60_100))
        for (launcher, _) in plays { _ = try await cafe.launchers.heartbeat(launcher) }
        for (_, session) in plays.prefix(stayingAlive) { _ = try await cafe.pulse(session) }
        // The last step finds nothing to end, and tells what the one before it found.
        for _ in 0..<(second < 300 ? 1 : 3) {
          let batch = try await cafe.billing.step(cafe.partition)
          #expect(batch.silentCafes.allSatisfy { $0 == Cafe.id })
          named.log += batch.silentCafes.count
        }
      }
      for (_, session) in plays.dropFirst(stayingAlive) {
        try await cafe.expect(session, .heartbeatTimeout, play: 0, billed: 0, held: 0)
      }
      let lines = try await cafe.lines(.outage)
      #expect(lines.allSatisfy { $0.text("cafe_id") == "north" && $0.text("reason") == "cafe" })
      named.ledger = lines.count
    }
    return named
  }

  @Test(
    "A cafe whose sessions nearly all fall silent at once is named once",
    arguments: [(5, 0, 1), (4, 0, 0), (10, 2, 1), (10, 3, 0), (12, 1, 1)]
  )
  func silent(sessions: Int, stayingAlive: Int, lines: Int) async throws {
    let named = try await named(of: sessions, stayingAlive: stayingAlive)
    #expect(named.ledger == lines)
    #expect(named.log == lines)
  }

  @Test("Sessions that fall silent one after the other over hours name no cafe")
  func slowly() async throws {
    try await Cafe.open(rate: 36_000) { cafe in
      for number in 0..<6 {
        let (launcher, session) = try await cafe.play(pc: "PC-\(number)")
        cafe.pass(seconds: 150)
        _ = try await cafe.launchers.heartbeat(launcher)
        cafe.pass(seconds: 150)
        try await cafe.bill()
        try await cafe.expect(session, .heartbeatTimeout, play: 0, billed: 0, held: 0)
      }
      #expect(try await cafe.lines(.outage).isEmpty)
    }
  }
}
