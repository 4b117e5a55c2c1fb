import Support
import Testing

/// Every way in which a session ends, and the last second that is billed, as the operator reads it.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct EndReasonTests {
  /// Plays 120 s with both heartbeats, and 30 s more.
  private func played() async throws -> Play {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 120)
    try await play.beatBoth()
    stage.pass(seconds: 30)
    return play
  }

  private func expect(
    _ play: Play,
    _ reason: String,
    _ seconds: Int,
    billed: Int? = nil,
    rate: Int = 230_000,
    _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let billed = billed ?? seconds
    let report = try await play.report()
    #expect(try report.string("state") == "ended", sourceLocation: location)
    #expect(try report.string("end_reason") == reason, sourceLocation: location)
    #expect(try report.integer("play_duration_sec") == seconds, sourceLocation: location)
    #expect(try report.integer("billable_sec") == billed, sourceLocation: location)
    let unbilled = try report.integer("unbilled_grace_sec")
    #expect(unbilled == seconds - billed, sourceLocation: location)
    #expect(try report.integer("held_sec") == 0, sourceLocation: location)
    let charged = try report.integer("charged_mgcoin")
    #expect(charged == rate * billed / 3600, sourceLocation: location)
    let length = try report.integer("ended_at") - report.integer("started_at")
    #expect(length / 1000 == seconds, sourceLocation: location)
  }

  @Test("normal: the game server called end")
  func normal() async throws {
    let play = try await played()
    #expect(try await play.end().success().integer("play_duration_sec") == 150)
    try await expect(play, "normal", 150)
  }

  @Test("launcher_exit: the launcher ended its session")
  func launcherExit() async throws {
    let play = try await played()
    #expect(try await play.launcher.end().success().string("result") == "SUCCESS")
    try await expect(play, "launcher_exit", 150)
  }

  @Test("operator: the operator ended it")
  func operatorEnd() async throws {
    let play = try await played()
    let stage = try Installation.shared
    let answer = try await stage.admin("DELETE", "/sessions/\(play.id)").success()
    #expect(try answer.string("end_reason") == "operator")
    try await expect(play, "operator", 150)
  }

  @Test("operator: so does a suspension that ends sessions")
  func suspension() async throws {
    let play = try await played()
    let path = "/cafes/\(play.launcher.cafe.id)/suspend"
    let stage = try Installation.shared
    _ = try await stage.admin("POST", path, #"{"end_sessions":true}"#).success()
    try await expect(play, "operator", 150)
  }

  @Test("charge_exhausted: the worker closes it at the deadline, billed to where the money ended")
  func chargeExhausted() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe(balance: 1_000).play(stage.tower)
    stage.pass(seconds: 101)
    try await play.beatBoth()
    stage.pass(seconds: 180)
    try await play.waitUntil("ended")
    try await expect(play, "charge_exhausted", 221, billed: 100, rate: 36_000)
  }

  @Test("heartbeat_timeout: the grace ran out without a heartbeat in it, billed to the last one")
  func silentInGrace() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000)
    let play = try await cafe.play(stage.tower)
    stage.pass(seconds: 90)
    try await play.beatBoth()
    stage.pass(seconds: 11)
    try await play.waitUntil("grace")
    stage.pass(seconds: 125)
    try await play.waitUntil("ended")
    try await expect(play, "heartbeat_timeout", 90, rate: 36_000)
    #expect(try await cafe.balance() == 100)
    try await play.beat().refusal(404, "SESSION_NOT_FOUND")
  }

  @Test("launcher_timeout: the launcher was silent, billed to the last game heartbeat")
  func launcherTimeout() async throws {
    let play = try await played()
    let stage = try Installation.shared
    stage.pass(seconds: 80)
    _ = try await play.beat().success()
    stage.pass(seconds: 135)
    try await play.waitUntil("ended")
    try await expect(play, "launcher_timeout", 230)
    try await play.launcher.heartbeat().refusal(401, "INVALID_SESSION_TOKEN")
  }

  @Test("heartbeat_timeout: heartbeats stopped, billed to the last one, the rest is given back")
  func heartbeatTimeout() async throws {
    let play = try await played()
    let stage = try Installation.shared
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 60)
    // Meanwhile the worker debits on trust, so that there is something to give back.
    try await Waiting.until("a debit on trust", within: .seconds(20)) {
      try await play.report().integer("billable_sec") > 120
    }
    stage.pass(seconds: 155)
    try await play.waitUntil("ended")
    try await expect(play, "heartbeat_timeout", 120)
    let kinds = try await play.report().array("ledger").map { try $0.string("kind") }
    #expect(kinds.first == "start")
    #expect(kinds.suffix(2) == ["reversal", "end"])
    #expect(try await play.launcher.heartbeat().success().isNull("game_session"))
  }

  @Test("launcher_restart: the PC's launcher started anew, billed to the last heartbeat")
  func launcherRestart() async throws {
    let play = try await played()
    _ = try await play.launcher.cafe.startLauncher()
    try await expect(play, "launcher_restart", 120)
    try await play.beat().refusal(410, "SESSION_ENDED")
  }

  @Test("replaced: billed to now")
  func replaced() async throws {
    let play = try await played()
    _ = try await play.launcher.play()
    try await expect(play, "replaced", 150)
  }

  @Test("replaced: but not past the last heartbeat and 120 s")
  func replacedLate() async throws {
    let play = try await played()
    let stage = try Installation.shared
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 150)
    _ = try await play.launcher.play()
    try await expect(play, "replaced", 240)
  }

  @Test("Without any heartbeat verify itself counts, and nothing is billed")
  func neverBeaten() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let play = try await cafe.play()
    stage.pass(seconds: 120)
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 125)
    try await play.waitUntil("ended")
    try await expect(play, "heartbeat_timeout", 0)
    #expect(try await cafe.balance() == 1_000_000)
  }

  @Test("Of several causes the earliest in time wins")
  func earliest() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 100)
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 20)
    _ = try await play.beat().success()
    // The launcher falls silent at 340 s, the game server at 360 s.
    stage.pass(seconds: 380)
    try await play.waitUntil("ended")
    try await expect(play, "launcher_timeout", 120)
  }
}
