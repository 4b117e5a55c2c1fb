import Support

/// What a game server calls, for any identifiers, right or wrong.
extension Installation {
  static let verifyPath = "/v1/game/session/verify"
  static let heartbeatPath = "/v1/game/session/heartbeat"
  static let endPath = "/v1/game/session/end"

  func verify(
    _ ott: String,
    _ game: GameAccess? = nil,
    user: String = Play.user,
    idempotencyKey: String? = nil
  ) async throws -> HTTPSession.Answer {
    var headers = ["X-Api-Key": (game ?? skyfall).key]
    headers["Idempotency-Key"] = idempotencyKey
    let json = #"{"ott":"\#(ott)","provider_user_id":"\#(user)"}"#
    return try await service.http.send("POST", Self.verifyPath, headers: headers, json: json)
  }

  func beat(
    _ session: String,
    user: String = Play.user,
    _ game: GameAccess? = nil
  ) async throws -> HTTPSession.Answer {
    let json = #"{"game_session_id":"\#(session)","provider_user_id":"\#(user)"}"#
    return try await gameCall("PATCH", Self.heartbeatPath, json, game)
  }

  /// `seconds` is the client's own count, as JSON.
  func end(
    _ session: String,
    seconds: String? = nil,
    _ game: GameAccess? = nil
  ) async throws -> HTTPSession.Answer {
    let count = seconds.map { #","play_duration_sec":\#($0)"# } ?? ""
    let json = #"{"game_session_id":"\#(session)"\#(count)}"#
    return try await gameCall("DELETE", Self.endPath, json, game)
  }

  /// Any body on any path of the game API, with a right key.
  func gameCall(
    _ method: String,
    _ path: String,
    _ json: String,
    _ game: GameAccess? = nil
  ) async throws -> HTTPSession.Answer {
    let headers = ["X-Api-Key": (game ?? skyfall).key]
    return try await service.http.send(method, path, headers: headers, json: json)
  }
}
