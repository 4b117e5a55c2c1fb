import Domain
import RedisStore
import Testing

/// Each way in which a session ends, and the last second that is billed.
@Suite(.timeLimit(.minutes(15)))
struct EndReasonTests {
  /// Plays 120 s with heartbeats and lets 30 s more pass.
  private func open(_ body: (Cafe, LauncherSessionID, GameSessionID) async throws -> Void)
    async throws
  {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 120)
      cafe.pass(seconds: 30)
      try await body(cafe, launcher, session)
    }
  }

  private func expect(
    _ cafe: Cafe,
    _ session: GameSessionID,
    _ reason: EndReason,
    _ seconds: Int64
  ) async throws {
    let report = try await cafe.report(session)
    #expect(report.endReason == reason)
    #expect(report.playSeconds == seconds)
    #expect(report.billedSeconds == seconds)
    #expect(report.charged.milliGCoin == 230_000 * seconds / 3600)
  }

  @Test("normal: the game server called end, billed to now")
  func normal() async throws {
    try await open { cafe, _, session in
      #expect(try await cafe.end(session) == .ended(playSeconds: 150))
      try await expect(cafe, session, .normal, 150)
    }
  }

  @Test("launcher_exit: the launcher ended its session, billed to now")
  func launcherExit() async throws {
    try await open { cafe, launcher, session in
      #expect(try await cafe.launchers.end(launcher, requestID: "r"))
      #expect(try await cafe.launchers.end(launcher, requestID: "r"))
      #expect(try await !cafe.launchers.end(launcher, requestID: "other"))
      try await expect(cafe, session, .launcherExit, 150)
    }
  }

  @Test("operator: the operator ended it, billed to now")
  func operatorEnded() async throws {
    try await open { cafe, _, session in
      #expect(try await cafe.administration.endSession(session.description).state == .ended)
      try await expect(cafe, session, .operatorEnded, 150)
    }
  }

  @Test("launcher_timeout: the launcher was silent, billed to the last game heartbeat")
  func launcherTimeout() async throws {
    try await open { cafe, _, session in
      cafe.pass(seconds: 80)
      _ = try await cafe.beat(session)
      cafe.pass(seconds: 120)
      _ = try await cafe.beat(session)
      cafe.pass(seconds: 30)
      try await cafe.bill()
      try await expect(cafe, session, .launcherTimeout, 350)
    }
  }

  @Test("launcher_timeout: what it gives back is in the worker's answer")
  func launcherTimeoutIsCounted() async throws {
    try await open { cafe, _, session in
      cafe.pass(seconds: 80)
      _ = try await cafe.beat(session)
      try await cafe.bill()
      cafe.pass(seconds: 115)
      try await cafe.bill()
      let before = try await cafe.balance()
      // The launcher's entry is due, the session's own is not.
      cafe.pass(seconds: 20)
      let batch = try await cafe.billing.step(cafe.partition)
      let after = try await cafe.balance()
      #expect(batch.closed == 1)
      #expect(batch.debited.milliGCoin == before - after)
      #expect(batch.debited < .zero)
    }
  }

  @Test("launcher_timeout: the first heartbeat after it closes the session")
  func heartbeatFindsSilentLauncher() async throws {
    try await open { cafe, _, session in
      cafe.pass(seconds: 80)
      _ = try await cafe.beat(session)
      cafe.pass(seconds: 140)
      #expect(try await cafe.beat(session) == .ended)
      try await expect(cafe, session, .launcherTimeout, 230)
    }
  }

  @Test("heartbeat_timeout: heartbeats stopped, billed to the last one")
  func heartbeatTimeout() async throws {
    try await open { cafe, launcher, session in
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 215)
      #expect(try await cafe.beat(session) == .notFound)
      try await expect(cafe, session, .heartbeatTimeout, 120)
      #expect(try await cafe.end(session) == .notFound)
    }
  }

  @Test("launcher_restart: the PC's launcher started anew, billed to the last heartbeat")
  func launcherRestart() async throws {
    try await open { cafe, _, session in
      _ = try await cafe.startLauncher()
      try await expect(cafe, session, .launcherRestart, 120)
    }
  }

  @Test("replaced: billed to the last heartbeat and an interval more, or to now if that is earlier")
  func replaced() async throws {
    try await open { cafe, launcher, session in
      let second = try await cafe.play(on: launcher)
      try await expect(cafe, session, .replaced, 150)
      #expect(try await cafe.beat(session) == .replaced(playSeconds: 150))
      cafe.pass(seconds: 130)
      _ = try await cafe.launchers.heartbeat(launcher)
      _ = try await cafe.play(on: launcher)
      try await expect(cafe, second, .replaced, 120)
    }
  }

  @Test("Of several causes the earliest in time counts")
  func earliestCause() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      cafe.pass(seconds: 100)
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(seconds: 20)
      _ = try await cafe.beat(session)
      // The launcher falls silent at 340 s, the game server at 360 s; both are found at 500 s.
      cafe.pass(seconds: 380)
      try await cafe.bill()
      let report = try await cafe.report(session)
      #expect(report.endReason == .launcherTimeout)
      #expect(report.playSeconds == 120)
    }
  }

  @Test("A late call gets its answer for ten minutes, then the session is not found")
  func endedMemory() async throws {
    try await open { cafe, _, session in
      _ = try await cafe.end(session, request: "first")
      #expect(try await cafe.end(session, request: "first") == .ended(playSeconds: 150))
      #expect(try await cafe.end(session, request: "second") == .alreadyEnded)
      cafe.pass(seconds: 599)
      #expect(try await cafe.beat(session) == .ended)
      cafe.pass(seconds: 2)
      #expect(try await cafe.beat(session) == .notFound)
      #expect(try await cafe.end(session, request: "first") == .notFound)
    }
  }
}
