import Domain
import HTTPTypes
import JSON
import Signatures

/// `/v1/game`: what a game server calls with its API key.
struct GameRoutes: Sendable {
  let sessions: any GameSessions
  let catalog: any GameCatalog
  let callers: CallerLimits
  let timings: Timings
  let partitionCount: Int

  var endpoints: [Endpoint] {
    [
      .v1(.post, "/v1/game/session/verify") { try await verify($0) },
      .v1(.patch, "/v1/game/session/heartbeat") { try await heartbeat($0) },
      .v1(.delete, "/v1/game/session/end") { try await end($0) },
    ]
  }

  private func verify(_ call: Call) async throws -> JSONValue {
    let (game, keyDigest) = try access(of: call)
    try callers.admit(keyDigest: keyDigest)
    let payload = try call.payload()
    let tokenText = try payload.string("ott")
    let user = try payload.name("provider_user_id", ProviderUserID.self)
    let idempotencyKey = try idempotencyKey(of: call)
    guard let token = OneTimeToken(tokenText, partitionCount: partitionCount) else {
      return refusal(.expired)
    }
    let request = VerifyRequest(
      token: token,
      user: user,
      game: game,
      idempotencyKey: idempotencyKey
    )
    switch try await sessions.verify(request) {
    case .started(let session):
      return .object([
        .init("is_valid", true),
        .init("game_session_id", .string(session.description)),
        .init("is_pc_cafe", true),
        .init("next_heartbeat_in", .integer(timings.heartbeatInterval.wholeSeconds)),
      ])
    case .refused(let reason):
      return refusal(reason)
    }
  }

  private func refusal(_ reason: VerifyRefusal) -> JSONValue {
    ["is_valid": false, "reason": .string(reason.rawValue)]
  }

  private func heartbeat(_ call: Call) async throws -> JSONValue {
    let game = try access(of: call).game
    let payload = try call.payload()
    let sessionText = try payload.string("game_session_id")
    let user = try payload.name("provider_user_id", ProviderUserID.self)
    let session = try session(sessionText)
    switch try await sessions.heartbeat(session, user: user, game: game.id) {
    case .alive(let pulse):
      return .object(pulse.members(heartbeatInterval: timings.heartbeatInterval))
    case .replaced(let playSeconds):
      return [
        "result": "SESSION_REPLACED",
        "next_heartbeat_in": 0,
        "play_duration_sec": .integer(playSeconds),
        "remaining_sec": 0,
      ]
    case .ending:
      throw APIError(.sessionEnding, "The grace is over; the session ends with this call.")
    case .ended:
      throw APIError(.sessionEnded, "The session has ended.")
    case .notFound:
      throw Self.sessionNotFound
    }
  }

  private func end(_ call: Call) async throws -> JSONValue {
    let game = try access(of: call).game
    let payload = try call.payload()
    let sessionText = try payload.string("game_session_id")
    let clientSeconds =
      payload.value("play_duration_sec") == nil
      ? nil : try payload.integer("play_duration_sec", in: 0...Int64.max)
    let outcome = try await sessions.end(
      try session(sessionText),
      game: game.id,
      requestID: call.requestID
    )
    switch outcome {
    case .ended(let playSeconds):
      return [
        "result": "SUCCESS",
        "play_duration_sec": .integer(playSeconds),
        "client_play_duration_sec": .optional(clientSeconds),
      ]
    case .alreadyEnded:
      throw APIError(.alreadyEnded, "The session has ended already.")
    case .notFound:
      throw Self.sessionNotFound
    }
  }

  /// The game whose key the caller shows. Keys are only ever compared as digests, whose equality
  /// tells nothing about how much of a wrong key was right.
  private func access(of call: Call) throws -> (game: Game, keyDigest: [UInt8]) {
    if let key = call.fields[.apiKey] {
      let digest = Digest.sha256(key)
      if let game = try catalog.game(apiKeyDigest: digest) { return (game, digest) }
    }
    throw APIError(.invalidAPIKey, "X-Api-Key is missing or not valid.")
  }

  /// A text that is no identifier of ours names a session that does not exist.
  private func session(_ text: String) throws(APIError) -> GameSessionID {
    guard let session = GameSessionID(text, partitionCount: partitionCount) else {
      throw Self.sessionNotFound
    }
    return session
  }

  private func idempotencyKey(of call: Call) throws(APIError) -> String? {
    guard let key = call.fields[.idempotencyKey] else { return nil }
    guard Payload.isLabel(key) else {
      throw Payload.refusal("Idempotency-Key", "1 to 128 printable characters")
    }
    return key
  }

  private static let sessionNotFound = APIError(.sessionNotFound, "There is no such session.")
}
