import Support
import Testing

/// A launcher session as the program on the PC knows it.
struct Launcher: Sendable {
  let cafe: Cafe
  let id: String
  let token: String

  /// Any call with the session token.
  func call(
    _ method: String,
    _ path: String,
    json: String? = nil
  ) async throws -> HTTPSession.Answer {
    let http = cafe.stage.service.http
    let credentials = ["Authorization": "Bearer \(token)"]
    let path = "/v1/launcher" + path
    guard let json else { return try await http.send(method, path, headers: credentials) }
    return try await http.send(method, path, headers: credentials, json: json)
  }

  func requestToken(_ game: String) async throws -> HTTPSession.Answer {
    try await call("POST", "/ott", json: #"{"game_id":"\#(game)"}"#)
  }

  /// A one-time token.
  func ott(_ game: GameAccess? = nil) async throws -> String {
    try await requestToken(game?.id ?? cafe.stage.skyfall.id).success().string("ott")
  }

  func heartbeat() async throws -> HTTPSession.Answer {
    try await call("PATCH", "/session/heartbeat")
  }

  func end() async throws -> HTTPSession.Answer {
    try await call("DELETE", "/session/end")
  }

  /// Starts a game session; exact time counts from here.
  func play(_ game: GameAccess? = nil) async throws -> Play {
    let stage = cafe.stage
    let game = game ?? stage.skyfall
    let data = try await stage.verify(try await ott(game), game).success()
    guard try data.boolean("is_valid") else { throw SupportError("not admitted: \(data)") }
    return Play(launcher: self, game: game, id: try data.string("game_session_id"))
  }
}

/// A game session as the game server knows it.
struct Play: Sendable {
  static let user = "1001"

  let launcher: Launcher
  let game: GameAccess
  let id: String

  private var stage: Installation { launcher.cafe.stage }

  func beat(user: String = user, _ other: GameAccess? = nil) async throws -> HTTPSession.Answer {
    try await stage.beat(id, user: user, other ?? game)
  }

  /// What the game server's heartbeat says.
  var heartbeatBody: String {
    #"{"game_session_id":"\#(id)","provider_user_id":"\#(Self.user)"}"#
  }

  func end(seconds: String? = nil, _ other: GameAccess? = nil) async throws -> HTTPSession.Answer {
    try await stage.end(id, seconds: seconds, other ?? game)
  }

  /// Both heartbeats, as they come every 120 s.
  func beatBoth() async throws {
    _ = try await beat().success()
    _ = try await launcher.heartbeat().success()
  }

  /// What the operator sees.
  func report() async throws -> JSONView {
    try await stage.admin("GET", "/sessions/\(id)").success()
  }

  /// Waits until the running worker has brought the session into a state.
  func waitUntil(_ state: String) async throws {
    try await Waiting.until("\(id) is \(state)", within: .seconds(20)) {
      try await report().string("state") == state
    }
  }

  /// Waits until the running worker has billed so many seconds.
  func waitUntilBilled(_ seconds: Int) async throws {
    try await Waiting.until("\(seconds) s of \(id) are billed", within: .seconds(20)) {
      try await report().integer("billable_sec") == seconds
    }
  }

  /// The key that says that it lives.
  func key() throws -> String { try launcher.cafe.key("session:\(id)") }
}
