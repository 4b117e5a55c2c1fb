import Support
import Testing

/// Games, their keys and their rates, and how soon a running service sees a change.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct GameTests {
  /// In which every instance must have seen a change of a game.
  private static let visibility = Duration.seconds(2)

  /// A game of its own, seen by the service.
  private func game(rate: Int = 36_000) async throws -> GameAccess {
    let stage = try Installation.shared
    let id = "game-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    let json = #"{"game_id":"\#(id)","name":"A game","rate_mgcoin_per_hour":\#(rate)}"#
    let key = try await stage.admin("POST", "/games", json).success().string("api_key")
    let game = GameAccess(id: id, key: key)
    try await Waiting.until("the new game's key", within: Self.visibility) {
      try await stage.beat("gs_x", game).status == 404
    }
    return game
  }

  private func update(_ game: GameAccess, _ json: String) async throws {
    let stage = try Installation.shared
    _ = try await stage.admin("PATCH", "/games/\(game.id)", json).success()
  }

  @Test("A revoked key is refused within two seconds")
  func revocation() async throws {
    let stage = try Installation.shared
    let game = try await game()
    let show = try await stage.admin("GET", "/games/\(game.id)").success()
    let keyID = try show.string("keys.0.key_id")
    _ = try await stage.admin("DELETE", "/games/\(game.id)/keys/\(keyID)").success()
    try await Waiting.until("the refusal", within: Self.visibility) {
      try await stage.beat("gs_x", game).status == 401
    }
    try await stage.beat("gs_x", game).refusal(401, "INVALID_API_KEY")
    try await stage.verify("x", game).refusal(401, "INVALID_API_KEY")
    try await stage.end("gs_x", game).refusal(401, "INVALID_API_KEY")
  }

  @Test("After a rotation both keys work, for the same sessions")
  func rotation() async throws {
    let stage = try Installation.shared
    let game = try await game()
    let play = try await stage.cafe().play(game)
    let result = try await stage.command(["game", "rotate-key", "--id", game.id, "--json"])
    #expect(result.status == 0)
    let second = GameAccess(id: game.id, key: try result.json.string("api_key"))
    try await Waiting.until("the second key", within: Self.visibility) {
      try await play.beat(second).status == 200
    }
    _ = try await play.beat().success()
    _ = try await play.end(second).success()
  }

  @Test("A disabled game admits nobody new; its live sessions go on and are billed")
  func disabled() async throws {
    let stage = try Installation.shared
    let game = try await game()
    let cafe = try await stage.cafe(balance: 1_000_000)
    let play = try await cafe.play(game)
    let newcomer = try await cafe.startLauncher(pc: "PC-2")
    let token = try await newcomer.ott(game)
    try await update(game, #"{"enabled":false}"#)
    try await Waiting.until("the refusal", within: Self.visibility) {
      try await newcomer.requestToken(game.id).status == 404
    }
    try await newcomer.requestToken(game.id).refusal(404, "GAME_NOT_FOUND")
    let data = try await stage.verify(token, game).success()
    #expect(try data.string("reason") == "NOT_CHARGEABLE")

    let start = try await stage.send(cafe.signedStart(pc: "PC-3")).success()
    let games = try start.array("games").map { try $0.string("game_id") }
    #expect(games.contains("skyfall") && !games.contains(game.id))

    stage.pass(seconds: 100)
    #expect(try await play.beat().success().string("result") == "OK")
    _ = try await play.end().success()
    #expect(try await play.report().integer("charged_mgcoin") == 1_000)

    try await update(game, #"{"enabled":true}"#)
    try await Waiting.until("the admission", within: Self.visibility) {
      try await newcomer.requestToken(game.id).status == 200
    }
  }

  @Test("A new rate holds only for sessions that start after it")
  func rateChange() async throws {
    let stage = try Installation.shared
    let game = try await game(rate: 36_000)
    let cafe = try await stage.cafe(balance: 1_000_000)
    let old = try await cafe.play(game, pc: "PC-1")
    let result = try await stage.command(
      ["game", "update", "--id", game.id, "--rate", "72", "--name", "Dearer", "--json"]
    )
    #expect(result.status == 0)
    #expect(try result.json.integer("rate_mgcoin_per_hour") == 72_000)
    let newcomer = try await cafe.startLauncher(pc: "PC-2")
    try await Waiting.until("the new name", within: Self.visibility) {
      let start = try await stage.send(cafe.signedStart(pc: "PC-3")).success()
      return try start.array("games").contains { try $0.string("name") == "Dearer" }
    }
    let new = try await newcomer.play(game)
    #expect(try await cafe.report().integer("spending_mgcoin_per_hour") == 108_000)
    stage.pass(seconds: 100)
    _ = try await new.end().success()
    #expect(try await new.report().integer("charged_mgcoin") == 2_000)
    _ = try await old.end().success()
    let report = try await old.report()
    #expect(try report.integer("charged_mgcoin") == report.integer("play_duration_sec") * 10)
  }
}
