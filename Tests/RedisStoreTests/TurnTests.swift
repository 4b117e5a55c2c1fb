import RedisStore
import Testing

@Suite(.timeLimit(.minutes(15)))
struct TurnTests {
  @Test("A turn is taken once, until its time is over, and each work has its own")
  func once() async throws {
    try await Cafe.open { cafe in
      let turns = RedisTurns(link: cafe.link)
      var taken: [Bool] = []
      for (work, pause) in [("count", 0), ("count", 0), ("sweep", 59), ("count", 2), ("count", 0)] {
        taken.append(try await turns.take(work, for: .seconds(60)))
        cafe.pass(seconds: Int64(pause))
      }
      #expect(taken == [true, false, true, false, true])
    }
  }
}
