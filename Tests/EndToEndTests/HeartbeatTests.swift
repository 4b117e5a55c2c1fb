import Support
import Testing

/// The rows of the heartbeat table, but for grace.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct HeartbeatTests {
  @Test("OK tells when to beat, how long was played and how long the money lasts")
  func running() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000_000)
    let play = try await cafe.play(stage.tower)
    stage.pass(seconds: 100)
    let data = try await play.beat().success()
    #expect(try data.string("result") == "OK")
    #expect(try data.integer("next_heartbeat_in") == 120)
    #expect(try data.integer("play_duration_sec") == 100)
    // 1,000,000 at 10 a second last 100,000 s, of which 100 are played, billed or not.
    #expect(try data.integer("remaining_sec") == 99_900)
    #expect(!data.has("grace_remaining_sec"))
  }

  @Test("The money is shared by everybody who plays in the cafe")
  func remainingOfTwo() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000_000)
    let first = try await cafe.play(stage.tower, pc: "PC-1")
    let alone = try await first.beat().success().integer("remaining_sec")
    #expect((99_990...100_000).contains(alone))
    let second = try await cafe.play(stage.tower, pc: "PC-2")
    let shared = try await first.beat().success().integer("remaining_sec")
    #expect((49_990...50_000).contains(shared))
    _ = try await second.end().success()
    let left = try await first.beat().success().integer("remaining_sec")
    #expect((99_980...100_000).contains(left))
  }

  @Test("A session of another user or another game is not there")
  func strangers() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    try await play.beat(user: "2002").refusal(404, "SESSION_NOT_FOUND")
    try await play.beat(stage.tower).refusal(404, "SESSION_NOT_FOUND")
    try await play.end(stage.tower).refusal(404, "SESSION_NOT_FOUND")
    _ = try await play.beat().success()
    _ = try await play.end().success()
    try await play.beat(user: "2002").refusal(404, "SESSION_NOT_FOUND")
    try await play.beat(stage.tower).refusal(404, "SESSION_NOT_FOUND")
    try await play.end(stage.tower).refusal(404, "SESSION_NOT_FOUND")
  }

  @Test(
    "Any text that is no identifier of ours is not found",
    arguments: [
      "", "x", "gs_", "gs_00000000-0000-8000-8000-000000000000", "ls_x", " ", "gs_*", "{p0}", "é",
      "gs_ffff0000-0000-8000-8000-000000000000", "GS_00000000-0000-8000-8000-000000000000",
      String(repeating: "a", count: 5_000),
    ]
  )
  func unknown(session: String) async throws {
    let stage = try Installation.shared
    try await stage.beat(session).refusal(404, "SESSION_NOT_FOUND")
    try await stage.end(session).refusal(404, "SESSION_NOT_FOUND")
  }

  @Test(
    "A value that is no text is a bad request",
    arguments: ["1", "null", "[]", "{}", "true"]
  )
  func noText(value: String) async throws {
    let stage = try Installation.shared
    let json = #"{"game_session_id":\#(value),"provider_user_id":"1"}"#
    for (method, path) in [("PATCH", Installation.heartbeatPath), ("DELETE", Installation.endPath)]
    {
      let message = try await stage.gameCall(method, path, json).refusal(400, "BAD_REQUEST")
      #expect(message.contains("game_session_id"))
    }
  }

  @Test("A replaced session is told so, with its final duration")
  func replaced() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 50)
    let second = try await play.launcher.play()
    stage.pass(seconds: 30)
    let data = try await play.beat().success()
    #expect(try data.string("result") == "SESSION_REPLACED")
    #expect(try data.integer("play_duration_sec") == 50)
    #expect(try data.integer("next_heartbeat_in") == 0)
    #expect(try data.integer("remaining_sec") == 0)
    #expect(try await second.beat().success().string("result") == "OK")
    try await play.end().refusal(409, "ALREADY_ENDED")
    stage.pass(seconds: 575)
    try await play.beat().refusal(404, "SESSION_NOT_FOUND")
  }

  @Test("A session that ended is gone for ten minutes and unknown after them")
  func endedMemory() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let first = try await cafe.play(pc: "PC-1")
    let second = try await cafe.play(pc: "PC-2")
    _ = try await first.end().success()
    _ = try await second.launcher.end().success()
    for _ in 0..<2 {
      for play in [first, second] {
        try await play.beat().refusal(410, "SESSION_ENDED")
        try await play.end().refusal(409, "ALREADY_ENDED")
      }
      stage.pass(seconds: 598)
    }
    for play in [first, second] {
      try await play.beat().refusal(404, "SESSION_NOT_FOUND")
      try await play.end().refusal(404, "SESSION_NOT_FOUND")
    }
  }

  @Test("A session whose TTL ran out is not found, before and after the worker swept it")
  func timedOut() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 120)
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 121)
    try await play.beat().refusal(404, "SESSION_NOT_FOUND")
    try await play.end().refusal(404, "SESSION_NOT_FOUND")
    try await play.waitUntil("ended")
    try await play.beat().refusal(404, "SESSION_NOT_FOUND")
    try await play.end().refusal(404, "SESSION_NOT_FOUND")
    #expect(try await play.report().string("end_reason") == "heartbeat_timeout")
  }

  @Test("When the launcher has been silent for 240 s, the session has ended")
  func silentLauncher() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 120)
    _ = try await play.beat().success()
    stage.pass(seconds: 119)
    _ = try await play.beat().success()
    stage.pass(seconds: 2)
    try await play.beat().refusal(410, "SESSION_ENDED")
    let report = try await play.report()
    #expect(try report.string("end_reason") == "launcher_timeout")
    #expect(try report.integer("play_duration_sec") == 239)
  }

  @Test("Not found comes before the silent launcher")
  func ttlBeforeLauncher() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    try await stage.justAfterWorker(in: play.launcher.cafe)
    stage.pass(seconds: 241)
    try await play.beat().refusal(404, "SESSION_NOT_FOUND")
  }
}
