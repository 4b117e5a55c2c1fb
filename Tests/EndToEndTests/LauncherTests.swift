import Support
import Testing

/// What a launcher does with its token.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct LauncherTests {
  private func expectGone(
    _ launcher: Launcher,
    _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let answers = [
      try await launcher.heartbeat(), try await launcher.requestToken("skyfall"),
      try await launcher.end(),
    ]
    for answer in answers {
      try answer.refusal(401, "INVALID_SESSION_TOKEN", location)
    }
  }

  @Test("A one-time token is a UUID that lives for 60 s")
  func token() async throws {
    let launcher = try await Installation.shared.cafe().startLauncher()
    let data = try await launcher.requestToken("skyfall").success()
    let uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
    #expect(try data.string("ott").wholeMatch(of: uuid) != nil)
    #expect(try data.integer("expires_in") == 60)
    let second = try await launcher.requestToken("skyfall").success()
    #expect(try data.string("ott") != second.string("ott"))
  }

  @Test("A game that is not there is not found", arguments: ["nothing", "", "SKYFALL", "a b"])
  func unknownGame(game: String) async throws {
    let launcher = try await Installation.shared.cafe().startLauncher()
    try await launcher.requestToken(game).refusal(404, "GAME_NOT_FOUND")
  }

  @Test("A game that is no text is a bad request", arguments: ["{}", #"{"game_id":1}"#, "[]"])
  func noGame(json: String) async throws {
    let launcher = try await Installation.shared.cafe().startLauncher()
    try await launcher.call("POST", "/ott", json: json).refusal(400, "BAD_REQUEST")
  }

  @Test("No token for a suspended cafe, nor for one with less than a minute's money")
  func notChargeable() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 599)
    let launcher = try await cafe.startLauncher()
    try await launcher.requestToken("tower").refusal(409, "NOT_CHARGEABLE")
    _ = try await cafe.topUp(1, ref: "one")
    _ = try await launcher.requestToken("tower").success()
    try await cafe.suspend()
    try await launcher.requestToken("tower").refusal(409, "NOT_CHARGEABLE")
    _ = try await launcher.heartbeat().success()
  }

  @Test("A heartbeat without a game session says so, with a body or without")
  func idle() async throws {
    let launcher = try await Installation.shared.cafe().startLauncher()
    let path = "/session/heartbeat"
    let answers = [
      try await launcher.heartbeat(), try await launcher.call("PATCH", path, json: "{}"),
      try await launcher.call("PATCH", path, json: #"{"cpu":1}"#),
    ]
    for answer in answers {
      let data = try answer.success()
      #expect(try data.string("result") == "OK")
      #expect(try data.integer("next_heartbeat_in") == 120)
      #expect(try data.isNull("game_session"))
    }
    try await launcher.call("PATCH", path, json: "[").refusal(400, "BAD_REQUEST")
  }

  @Test("A heartbeat tells about the game session on the PC, and only that one")
  func playing() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000_000)
    let other = try await cafe.play(stage.skyfall, pc: "PC-2")
    _ = try await other.end().success()
    let play = try await cafe.play(stage.tower, pc: "PC-1")
    stage.pass(seconds: 100)
    let before = try await stage.pttl(play.key())
    let data = try await play.launcher.heartbeat().success()
    #expect(try data.string("game_session.game_session_id") == play.id)
    #expect(try data.string("game_session.game_id") == "tower")
    #expect(try data.string("game_session.result") == "OK")
    #expect(try data.integer("game_session.play_duration_sec") == 100)
    let left = try data.integer("game_session.remaining_sec")
    #expect((99_899...99_900).contains(left))
    // It keeps the launcher alive and not the game.
    #expect(try await stage.pttl(play.key()) <= before)
    let launcherKey = try cafe.key("launcher:\(play.launcher.id)")
    #expect(try await (239_000...240_000).contains(stage.pttl(launcherKey)))
    let idle = try await other.launcher.heartbeat().success()
    #expect(try idle.isNull("game_session"))
  }

  @Test("After its end a launcher's token is worth nothing, and its game session is over")
  func end() async throws {
    let play = try await Installation.shared.cafe().play()
    let token = try await play.launcher.ott()
    #expect(try await play.launcher.end().success().string("result") == "SUCCESS")
    try await expectGone(play.launcher)
    try await play.beat().refusal(410, "SESSION_ENDED")
    let verified = try await Installation.shared.verify(token).success()
    #expect(try verified.string("reason") == "OTT_EXPIRED")
  }

  @Test("After 240 s of silence too")
  func timeout() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    stage.pass(seconds: 238)
    _ = try await launcher.heartbeat().success()
    stage.pass(seconds: 238)
    _ = try await launcher.ott()
    stage.pass(seconds: 3)
    try await expectGone(launcher)
  }

  @Test("A start on a PC closes the launcher session before it and its game session")
  func restart() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let old = try await cafe.play(pc: "PC-1")
    let neighbour = try await cafe.play(pc: "PC-2")
    let new = try await cafe.startLauncher(pc: "PC-1")
    try await expectGone(old.launcher)
    try await old.beat().refusal(410, "SESSION_ENDED")
    #expect(try await old.report().string("end_reason") == "launcher_restart")
    #expect(try await new.heartbeat().success().isNull("game_session"))
    #expect(try await neighbour.beat().success().string("result") == "OK")
  }

  @Test("A token that is missing, wrong or of another kind is refused")
  func wrongTokens() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    let (token, path) = (launcher.token, "/v1/launcher/session/heartbeat")
    let swapped = (token.hasSuffix("0") ? "1" : "0")
    let wrong = [
      "", "Bearer", "Bearer ", token, "Basic \(token)", "Bearer \(token)0",
      "Bearer \(token.dropLast())", "Bearer \(token.dropLast())\(swapped)",
      "Bearer \(launcher.id)", "Bearer \(Installation.adminToken)",
    ]
    for authorization in wrong {
      let headers = ["Authorization": authorization]
      try await stage.service.http.send("PATCH", path, headers: headers)
        .refusal(401, "INVALID_SESSION_TOKEN")
    }
    try await stage.service.http.send("PATCH", path).refusal(401, "INVALID_SESSION_TOKEN")
    _ = try await launcher.heartbeat().success()
  }
}
