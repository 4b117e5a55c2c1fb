import Audit
import Domain
import RedisStore
import Testing

/// Two things at once, 200 times each, with every invariant checked after each time.
@Suite(.timeLimit(.minutes(15)))
struct RaceTests {
  private static let times = 200

  /// Runs two things at once in a random order and audits, again and again.
  private func race(
    _ cafe: Cafe,
    _ prepare: () async throws -> (LauncherSessionID, GameSessionID),
    _ one: @escaping @Sendable (LauncherSessionID, GameSessionID) async throws -> Void,
    _ other: @escaping @Sendable (LauncherSessionID, GameSessionID) async throws -> Void
  ) async throws {
    for _ in 0..<Self.times {
      let (launcher, session) = try await prepare()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for action in [one, other].shuffled() {
          group.addTask { try await action(launcher, session) }
        }
        try await group.waitForAll()
      }
      #expect(try await Audit.findings(cafe.link) == [])
      _ = try await cafe.launchers.end(launcher, requestID: "done")
    }
  }

  @Test("End against tick")
  func endAgainstTick() async throws {
    try await Cafe.open(balance: 1_000_000_000) { cafe in
      try await race(
        cafe,
        {
          let played = try await cafe.play()
          cafe.pass(seconds: 60)
          return played
        },
        { _, session in
          let outcome = try await cafe.end(session)
          #expect(outcome == .ended(playSeconds: 60))
        },
        { _, _ in try await cafe.bill() }
      )
    }
  }

  @Test("Top-up against termination")
  func topUpAgainstTermination() async throws {
    try await Cafe.open(balance: 0, rate: 36_000) { cafe in
      try await race(
        cafe,
        {
          let left = try await cafe.balance()
          try await cafe.topUp(
            1_000 - min(left, 900),
            ref: "start-\(UInt64.random(in: 0 ... .max))"
          )
          let (launcher, session) = try await cafe.play()
          let balance = try await cafe.balance()
          cafe.pass(seconds: min(119, balance / 10 + 1))
          _ = try await cafe.beat(session)
          _ = try await cafe.launchers.heartbeat(launcher)
          cafe.pass(seconds: 120)
          return (launcher, session)
        },
        { _, _ in try await cafe.topUp(5_000, ref: "rescue-\(UInt64.random(in: 0 ... .max))") },
        { _, _ in try await cafe.bill() }
      )
    }
  }

  @Test("Replace against heartbeat")
  func replaceAgainstHeartbeat() async throws {
    try await Cafe.open(balance: 1_000_000_000) { cafe in
      try await race(
        cafe,
        {
          let played = try await cafe.play()
          cafe.pass(seconds: 100)
          return played
        },
        { launcher, _ in _ = try await cafe.play(on: launcher) },
        { _, session in
          switch try await cafe.beat(session) {
          case .alive, .replaced(playSeconds: 100): break
          case let other: Issue.record("unexpected \(other)")
          }
        }
      )
    }
  }

  @Test("Two workers on one partition")
  func twoWorkers() async throws {
    try await Cafe.open(balance: 1_000_000_000) { cafe in
      try await race(
        cafe,
        {
          let played = try await cafe.play()
          for pc in 2...6 { _ = try await cafe.play(pc: "PC-\(pc)") }
          cafe.pass(seconds: .random(in: 60...300))
          return played
        },
        { _, _ in try await cafe.bill() },
        { _, _ in try await cafe.bill() }
      )
    }
  }
}
