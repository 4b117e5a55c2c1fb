/// What the program on a cafe's PC may do: start its session, get tokens, tell that it lives, end.
///
/// Every call is one atomic step in Redis, whose clock alone decides. All throw ``ServiceFault``.
public protocol LauncherSessions: Sendable {
  /// What is needed to check who calls for a cafe; nil when there is no such cafe.
  func access(to cafe: CafeID) async throws(ServiceFault) -> CafeAccess?

  /// Starts a launcher session; one still alive on the PC is closed with its game session.
  func start(_ request: LauncherStart) async throws(ServiceFault) -> LauncherStartOutcome

  /// Issues a one-time token for a game.
  func issueToken(
    for launcher: LauncherSessionID,
    game: Game
  ) async throws(ServiceFault) -> TokenOutcome

  /// Whether a launcher session is alive. Nothing is renewed.
  func isAlive(_ launcher: LauncherSessionID) async throws(ServiceFault) -> Bool

  /// Renews a launcher session; nil when it is not alive.
  func heartbeat(_ launcher: LauncherSessionID) async throws(ServiceFault) -> LauncherPulse?

  /// Ends a launcher session and its game session; false when it was not alive.
  ///
  /// - Parameter requestID: The same one again gets the same answer.
  func end(_ launcher: LauncherSessionID, requestID: String) async throws(ServiceFault) -> Bool
}

/// How a cafe's launchers prove themselves and where they may be.
public struct CafeAccess: Sendable {
  /// The valid launcher secrets, 32 bytes each, the newest first; two after a rotation.
  public let launcherSecrets: [[UInt8]]
  /// The networks that the cafe's PCs call from.
  public let networks: [Network]

  /// Access from its parts.
  public init(launcherSecrets: [[UInt8]], networks: [Network]) {
    self.launcherSecrets = launcherSecrets
    self.networks = networks
  }
}

/// A launcher's start whose signature was found right.
public struct LauncherStart: Sendable {
  /// The cafe that signed.
  public let cafe: CafeID
  /// The PC it runs on.
  public let pc: PCID
  /// The nonce of the signature; a second use is refused.
  public let nonce: String
  /// The address that the call came from.
  public let externalAddress: IPAddress
  /// Whether that address is in one of the cafe's networks.
  public let isInsideCafe: Bool
  /// What the launcher says of its PC; kept as evidence, never judged.
  public let evidence: LauncherEvidence

  /// A start from its parts.
  public init(
    cafe: CafeID,
    pc: PCID,
    nonce: String,
    externalAddress: IPAddress,
    isInsideCafe: Bool,
    evidence: LauncherEvidence
  ) {
    self.cafe = cafe
    self.pc = pc
    self.nonce = nonce
    self.externalAddress = externalAddress
    self.isInsideCafe = isInsideCafe
    self.evidence = evidence
  }
}

/// What a launcher says of its PC.
public struct LauncherEvidence: Sendable {
  /// The PC's address in the cafe.
  public let internalAddress: String
  /// Distinguishes one boot of the PC from the next.
  public let bootID: String?
  /// The launcher's own version.
  public let launcherVersion: String?
  /// A JSON object, at most 2 KiB.
  public let hardware: String?

  /// Evidence from its parts.
  public init(
    internalAddress: String,
    bootID: String?,
    launcherVersion: String?,
    hardware: String?
  ) {
    self.internalAddress = internalAddress
    self.bootID = bootID
    self.launcherVersion = launcherVersion
    self.hardware = hardware
  }
}

/// What became of a launcher's start.
public enum LauncherStartOutcome: Sendable, Equatable {
  /// The launcher session lives.
  case started(LauncherSessionID)
  /// The nonce was seen before.
  case replayed
  /// The caller's address is not the cafe's.
  case outsideCafe
  /// The operator suspended the cafe.
  case suspended
  /// The cafe has as many PCs as it may have.
  case tooManyPCs
}

/// What became of a request for a token.
public enum TokenOutcome: Sendable, Equatable {
  /// The token, usable once within the token TTL.
  case issued(OneTimeToken)
  /// Cafe suspended or not enough money.
  case notChargeable
  /// The launcher session is not alive.
  case launcherGone
}

/// A launcher at the moment of its heartbeat.
public struct LauncherPulse: Sendable, Equatable {
  /// The PC's live game session.
  public let gameSession: PlayedSession?

  /// A pulse from its parts.
  public init(gameSession: PlayedSession?) {
    self.gameSession = gameSession
  }

  /// The game session that is played on the PC.
  public struct PlayedSession: Sendable, Equatable {
    /// Its identifier.
    public let id: GameSessionID
    /// Its game.
    public let game: GameID
    /// Its play time and what is left.
    public let pulse: Pulse

    /// A played session from its parts.
    public init(id: GameSessionID, game: GameID, pulse: Pulse) {
      self.id = id
      self.game = game
      self.pulse = pulse
    }
  }
}
