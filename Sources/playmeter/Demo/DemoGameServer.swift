import Domain
import HTTPAPI
import JSON
import NIOHTTP1

/// A game's server as the demonstration plays it.
struct DemoGameServer: Sendable {
  let http: DemoHTTP
  let game: DemoCredentials.Game

  /// A session that the service has admitted.
  struct Session: Sendable {
    let id: String
    let user: String
    /// When the first heartbeat is expected.
    let nextHeartbeat: Duration
  }

  /// Trades a token for a session.
  func verify(_ token: String, user: String) async throws(DemoError) -> Session {
    let body: JSONValue = ["ott": .string(token), "provider_user_id": .string(user)]
    let answer = try await send(.POST, "verify", body)
    if let reason = try answer.data()["reason"]?.string {
      throw .refused(request: answer.request, status: answer.status, code: reason)
    }
    return Session(
      id: try answer.string("game_session_id"),
      user: user,
      nextHeartbeat: .seconds(try answer.integer("next_heartbeat_in"))
    )
  }

  /// Tells that the player still plays.
  func heartbeat(_ session: Session) async throws(DemoError) -> DemoAnswer {
    let body: JSONValue = [
      "game_session_id": .string(session.id), "provider_user_id": .string(session.user),
    ]
    return try await send(.PATCH, "heartbeat", body)
  }

  /// Ends a session.
  func end(_ session: Session) async throws(DemoError) {
    _ = try await send(.DELETE, "end", ["game_session_id": .string(session.id)]).data()
  }

  private func send(
    _ method: HTTPMethod,
    _ call: String,
    _ body: JSONValue
  ) async throws(DemoError) -> DemoAnswer {
    try await http.send(
      method,
      "/v1/game/session/" + call,
      headers: [("X-Api-Key", game.apiKey)],
      body: body.bytes
    )
  }
}
