/// What a game server may do: trade a token, tell that the player still plays, end.
///
/// Every call is one atomic step in Redis, whose clock alone decides. All throw ``ServiceFault``.
public protocol GameSessions: Sendable {
  /// Trades a one-time token for a game session and starts billing.
  func verify(_ request: VerifyRequest) async throws(ServiceFault) -> VerifyOutcome

  /// Accepts a sign of life and debits what is due.
  func heartbeat(
    _ session: GameSessionID,
    user: ProviderUserID,
    game: GameID
  ) async throws(ServiceFault) -> HeartbeatOutcome

  /// Ends a session now and settles it.
  ///
  /// - Parameter requestID: The same one again gets the same answer instead of
  ///   ``EndOutcome/ended``.
  func end(
    _ session: GameSessionID,
    game: GameID,
    requestID: String
  ) async throws(ServiceFault) -> EndOutcome
}

/// A token offered for a session.
public struct VerifyRequest: Sendable {
  /// The token.
  public let token: OneTimeToken
  /// The player.
  public let user: ProviderUserID
  /// The game of the caller's API key.
  public let game: Game
  /// With the same key, token and user a repeat gets the first success again.
  public let idempotencyKey: String?

  /// A request from its parts.
  public init(token: OneTimeToken, user: ProviderUserID, game: Game, idempotencyKey: String?) {
    self.token = token
    self.user = user
    self.game = game
    self.idempotencyKey = idempotencyKey
  }
}

/// What became of a token.
public enum VerifyOutcome: Sendable, Equatable {
  /// The session runs.
  case started(GameSessionID)
  /// Nobody was admitted.
  case refused(VerifyRefusal)
}

/// Why a token was not accepted, as the game API names it.
public enum VerifyRefusal: String, Sendable, CaseIterable {
  /// Never issued, too old, or its launcher session is gone.
  case expired = "OTT_EXPIRED"
  /// Issued for another game; it stays usable for its own.
  case gameMismatch = "GAME_MISMATCH"
  /// Consumed before.
  case alreadyUsed = "OTT_ALREADY_USED"
  /// Cafe suspended, game disabled or not enough money; the token stays usable.
  case notChargeable = "NOT_CHARGEABLE"
}

/// A live session at the moment of a heartbeat.
public struct Pulse: Sendable, Equatable {
  /// Seconds since verify.
  public let playSeconds: Int64
  /// How long the balance lasts at the cafe's rate of spending; nil when it spends nothing.
  public let remainingSeconds: Int64?
  /// How long the grace still lasts; nil outside grace.
  public let graceSeconds: Int64?

  /// A pulse from its parts.
  public init(playSeconds: Int64, remainingSeconds: Int64?, graceSeconds: Int64?) {
    self.playSeconds = playSeconds
    self.remainingSeconds = remainingSeconds
    self.graceSeconds = graceSeconds
  }
}

/// The answer to a heartbeat.
public enum HeartbeatOutcome: Sendable, Equatable {
  /// Accepted; in grace when the pulse says so.
  case alive(Pulse)
  /// Another session started on the PC; the play time is final.
  case replaced(playSeconds: Int64)
  /// The grace is over: this call closed the session.
  case ending
  /// It ended before, or its launcher is silent and this call closed it.
  case ended
  /// There is no such session for this game and player.
  case notFound
}

/// The answer to an end.
public enum EndOutcome: Sendable, Equatable {
  /// Settled; the play time is final.
  case ended(playSeconds: Int64)
  /// It had ended already.
  case alreadyEnded
  /// There is no such session for this game.
  case notFound
}
