import Domain
import HTTPTypes
import JSON

/// `/v1/launcher`: what the program on a cafe's PC calls, first signed, then with its token.
struct LauncherRoutes: Sendable {
  let sessions: any LauncherSessions
  let catalog: any GameCatalog
  let timings: Timings
  let tokens: SessionTokens
  let clientAddress: ClientAddress
  let callers: CallerLimits
  /// The service's own clock in Unix seconds.
  let now: @Sendable () -> Int64

  var endpoints: [Endpoint] {
    [
      .v1(.post, "/v1/launcher/session/start") { try await start($0) },
      .v1(.post, "/v1/launcher/ott") { try await issueToken($0) },
      .v1(.patch, "/v1/launcher/session/heartbeat") { try await heartbeat($0) },
      .v1(.delete, "/v1/launcher/session/end") { try await end($0) },
    ]
  }

  private func issueToken(_ call: Call) async throws -> JSONValue {
    let (launcher, cafe) = try bearer(of: call)
    try callers.admit(cafe, launcher)
    let game = try await accepted(from: launcher) {
      let gameText = try call.payload().string("game_id")
      guard let id = GameID(gameText), let game = try catalog.games()[id], game.isEnabled else {
        throw APIError(.gameNotFound, "There is no such game.")
      }
      return game
    }
    switch try await sessions.issueToken(for: launcher, game: game) {
    case .issued(let token):
      return [
        "ott": .string(token.description),
        "expires_in": .integer(timings.tokenTTL.wholeSeconds),
      ]
    case .notChargeable:
      throw APIError(.notChargeable, "The cafe is suspended or its balance is too small.")
    case .launcherGone:
      throw Self.invalidToken
    }
  }

  private func heartbeat(_ call: Call) async throws -> JSONValue {
    let launcher = try bearer(of: call).launcher
    _ = try await accepted(from: launcher) { try call.optionalPayload() }
    guard let pulse = try await sessions.heartbeat(launcher) else { throw Self.invalidToken }
    return .object([
      .init("result", "OK"),
      .init("next_heartbeat_in", .integer(timings.heartbeatInterval.wholeSeconds)),
      .init("game_session", pulse.gameSession.map(Self.json) ?? .null),
    ])
  }

  private static func json(_ played: LauncherPulse.PlayedSession) -> JSONValue {
    .object([
      .init("game_session_id", .string(played.id.description)),
      .init("game_id", .string(played.game.text)),
      .init("result", .string(played.pulse.result)),
      .init("play_duration_sec", .integer(played.pulse.playSeconds)),
      .init("remaining_sec", played.pulse.remaining),
    ])
  }

  private func end(_ call: Call) async throws -> JSONValue {
    let launcher = try bearer(of: call).launcher
    guard try await sessions.end(launcher, requestID: call.requestID) else {
      throw Self.invalidToken
    }
    return ["result": "SUCCESS"]
  }

  /// What the call asks for. Before somebody is told what is wrong with that, the session must be
  /// alive; a right call needs no such question, because the step itself finds out.
  private func accepted<T>(
    from launcher: LauncherSessionID,
    _ read: () throws -> T
  ) async throws -> T {
    do {
      return try read()
    } catch {
      guard try await sessions.isAlive(launcher) else { throw Self.invalidToken }
      throw error
    }
  }

  private func bearer(
    of call: Call
  ) throws(APIError) -> (launcher: LauncherSessionID, cafe: CafeID?) {
    guard let token = call.bearerToken, let bearer = tokens.bearer(of: token) else {
      throw Self.invalidToken
    }
    return bearer
  }

  /// The same for a token that we never made and for a launcher session that is over.
  private static let invalidToken = APIError(
    .invalidSessionToken,
    "The session token is missing, wrong, or its launcher session is over."
  )
}
