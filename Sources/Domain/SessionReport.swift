/// A game session as evidence: who, where, when, and what it cost.
public struct SessionReport: Sendable, Equatable {
  /// Its identifier.
  public let id: GameSessionID
  /// The cafe that pays.
  public let cafe: CafeID
  /// The PC that was played on.
  public let pc: PCID
  /// The game that was played.
  public let game: GameID
  /// The player.
  public let user: ProviderUserID
  /// The address that the PC's launcher called from.
  public let externalAddress: String
  /// The launcher session that asked for the token.
  public let launcher: LauncherSessionID
  /// The rate, fixed at the start.
  public let tariff: Tariff
  /// Running, in grace or ended.
  public let state: SessionState
  /// When verify accepted the token.
  public let startedAt: Instant
  /// The first heartbeat after verify.
  public let firstHeartbeatAt: Instant?
  /// The last accepted heartbeat; verify counts as one.
  public let lastHeartbeatAt: Instant
  /// When it ended.
  public let endedAt: Instant?
  /// Why it ended.
  public let endReason: EndReason?
  /// Seconds from the start to the end, or to now while it lives.
  public let playSeconds: Int64
  /// Seconds that are paid.
  public let billedSeconds: Int64
  /// Seconds that nobody paid, so far or for good, because the balance was spent.
  public let unbilledGraceSeconds: Int64
  /// Seconds that were not billed because the service was at fault.
  public let heldSeconds: Int64
  /// What was debited less what was credited back.
  public let charged: Money
  /// Its ledger lines, where they were asked for.
  public let ledger: [LedgerLine]

  /// A report from its parts.
  public init(
    id: GameSessionID,
    cafe: CafeID,
    pc: PCID,
    game: GameID,
    user: ProviderUserID,
    externalAddress: String,
    launcher: LauncherSessionID,
    tariff: Tariff,
    state: SessionState,
    startedAt: Instant,
    firstHeartbeatAt: Instant?,
    lastHeartbeatAt: Instant,
    endedAt: Instant?,
    endReason: EndReason?,
    playSeconds: Int64,
    billedSeconds: Int64,
    unbilledGraceSeconds: Int64,
    heldSeconds: Int64,
    charged: Money,
    ledger: [LedgerLine]
  ) {
    self.id = id
    self.cafe = cafe
    self.pc = pc
    self.game = game
    self.user = user
    self.externalAddress = externalAddress
    self.launcher = launcher
    self.tariff = tariff
    self.state = state
    self.startedAt = startedAt
    self.firstHeartbeatAt = firstHeartbeatAt
    self.lastHeartbeatAt = lastHeartbeatAt
    self.endedAt = endedAt
    self.endReason = endReason
    self.playSeconds = playSeconds
    self.billedSeconds = billedSeconds
    self.unbilledGraceSeconds = unbilledGraceSeconds
    self.heldSeconds = heldSeconds
    self.charged = charged
    self.ledger = ledger
  }
}

/// Which sessions are wanted; nil accepts all.
public struct SessionFilter: Sendable, Equatable {
  /// Sessions that this cafe pays.
  public var cafe: CafeID?
  /// Sessions of this game.
  public var game: GameID?
  /// Sessions on this PC.
  public var pc: PCID?
  /// Sessions that were still alive at or after this instant.
  public var from: Instant?
  /// Sessions that started before this instant.
  public var to: Instant?

  /// A filter from its parts.
  public init(
    cafe: CafeID? = nil,
    game: GameID? = nil,
    pc: PCID? = nil,
    from: Instant? = nil,
    to: Instant? = nil
  ) {
    self.cafe = cafe
    self.game = game
    self.pc = pc
    self.from = from
    self.to = to
  }

  /// Whether the session is wanted.
  public func accepts(_ session: SessionReport) -> Bool {
    if let cafe, cafe != session.cafe { return false }
    if let game, game != session.game { return false }
    if let pc, pc != session.pc { return false }
    if let from, let endedAt = session.endedAt, endedAt < from { return false }
    if let to, session.startedAt >= to { return false }
    return true
  }
}
