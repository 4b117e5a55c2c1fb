import Support
import Testing

/// What happens when the money is spent. A balance of 1,000 pays 100 s of the tower.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct GraceTests {
  /// Plays until the money is spent, one second more, and lets a heartbeat find out.
  private func exhausted() async throws -> Play {
    let stage = try Installation.shared
    let play = try await stage.cafe(balance: 1_000).play(stage.tower)
    stage.pass(seconds: 101)
    let data = try await play.beat().success()
    #expect(try data.string("result") == "CHARGE_EXHAUSTED")
    _ = try await play.launcher.heartbeat().success()
    return play
  }

  @Test("The answer tells how long the grace lasts, and asks for a heartbeat before its end")
  func countdown() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    // The deadline is a few milliseconds after the second 221, so 119 may still read 120.
    var passed = 101
    for left in [100, 60, 10, 1, 0] {
      stage.pass(seconds: 220 - left - passed)
      passed = 220 - left
      let data = try await play.beat().success()
      #expect(try data.string("result") == "CHARGE_EXHAUSTED")
      let grace = try data.integer("grace_remaining_sec")
      #expect((left...left + 1).contains(grace))
      #expect(try data.integer("next_heartbeat_in") == max(1, grace))
      #expect(try data.integer("play_duration_sec") == passed)
      #expect(try data.integer("remaining_sec") == 0)
    }
    #expect(try await play.report().string("state") == "grace")
  }

  @Test("The running worker finds the money spent, to the exact second")
  func foundByWorker() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000)
    let play = try await cafe.play(stage.tower)
    stage.pass(seconds: 101)
    try await play.waitUntil("grace")
    let report = try await play.report()
    #expect(try report.integer("billable_sec") == 100)
    #expect(try report.integer("charged_mgcoin") == 1_000)
    #expect(try await cafe.balance() == 0)
  }

  @Test("The launcher is told likewise")
  func launcherAnswer() async throws {
    let play = try await exhausted()
    let data = try await play.launcher.heartbeat().success()
    #expect(try data.string("result") == "OK")
    #expect(try data.string("game_session.result") == "CHARGE_EXHAUSTED")
    #expect(try data.string("game_session.game_session_id") == play.id)
    #expect(try data.integer("game_session.remaining_sec") == 0)
    #expect(try data.integer("game_session.play_duration_sec") == 101)
  }

  @Test("Heartbeats in grace renew the TTL")
  func renewal() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    stage.pass(seconds: 100)
    _ = try await play.beat().success()
    #expect(try await (239_000...240_000).contains(stage.pttl(play.key())))
  }

  @Test("The call that comes when the grace is over closes the session")
  func ending() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    try await stage.justAfterWorker(in: play.launcher.cafe)
    stage.pass(seconds: 122)
    try await play.beat().refusal(410, "SESSION_ENDING")
    try await play.beat().refusal(410, "SESSION_ENDED")
    try await play.end().refusal(409, "ALREADY_ENDED")
    #expect(try await play.report().string("end_reason") == "charge_exhausted")
  }

  @Test("The end of the grace comes before the silent launcher")
  func graceBeforeLauncher() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    stage.pass(seconds: 110)
    _ = try await play.beat().success()
    try await stage.justAfterWorker(in: play.launcher.cafe)
    stage.pass(seconds: 231)
    try await play.beat().refusal(410, "SESSION_ENDING")
  }

  @Test("A top-up that pays everything and a minute more turns the next answer into OK")
  func rescue() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    stage.pass(seconds: 99)
    // 200 s are played and 100 are paid: 1,000 pay the rest and 600 a minute more.
    _ = try await play.launcher.cafe.topUp(1_600, ref: "rescue")
    let data = try await play.beat().success()
    #expect(try data.string("result") == "OK")
    #expect(try data.integer("next_heartbeat_in") == 120)
    #expect(try data.integer("remaining_sec") == 60)
    #expect(!data.has("grace_remaining_sec"))
    #expect(try await play.launcher.cafe.balance() == 600)
  }

  @Test("A smaller top-up is debited and the deadline stands")
  func tooSmall() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    stage.pass(seconds: 99)
    _ = try await play.launcher.cafe.topUp(1_599, ref: "small")
    let data = try await play.beat().success()
    #expect(try data.string("result") == "CHARGE_EXHAUSTED")
    #expect(try (20...21).contains(data.integer("grace_remaining_sec")))
    #expect(try await play.launcher.cafe.balance() == 599)
    _ = try await play.launcher.cafe.topUp(1, ref: "one more")
    #expect(try await play.beat().success().string("result") == "OK")
  }

  @Test("Small top-ups do not buy grace after grace")
  func noGraceAfterGrace() async throws {
    let stage = try Installation.shared
    let play = try await exhausted()
    for coin in 1...3 {
      _ = try await play.launcher.cafe.topUp(10, ref: "coin-\(coin)")
      stage.pass(seconds: 35)
      #expect(try await play.beat().success().string("result") == "CHARGE_EXHAUSTED")
    }
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 20)
    try await play.waitUntil("ended")
    let report = try await play.report()
    #expect(try report.string("end_reason") == "charge_exhausted")
    #expect(try report.integer("billable_sec") == 103)
  }
}
