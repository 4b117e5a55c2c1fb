public import Domain

/// What a session's lines tell of it, fed in order: all that is left when its record is gone. It
/// holds two lines, however many the session has.
public struct SessionTrail: Sendable {
  private let start: LedgerLine
  private var end: LedgerLine?
  private var charged = Money.zero
  private var billed: Int64 = 0
  private var held: Int64 = 0
  private var state = SessionState.running

  /// A trail from the session's start line; nil for any other line.
  public init?(start line: LedgerLine) {
    guard line.kind == .start else { return nil }
    start = line
  }

  /// When the session ended; nil while it lives.
  public var endedAt: Instant? { end.flatMap { $0.instant("ended_at") } }

  /// Takes in a later line of the same session.
  public mutating func add(_ line: LedgerLine) {
    let kind = line.kind
    if kind == .debit || kind == .reversal {
      charged = charged - line.amount
      billed = line.integer("billed_sec") ?? billed
    }
    if kind == .exhausted { state = .grace }
    if kind == .resumed { state = .running }
    if kind == .end { (end, state) = (line, .ended) }
    held = max(held, line.integer("held_sec") ?? 0)
  }

  /// The session, or nil when a member of its start is missing or none of ours.
  ///
  /// A session without an end is told as far as its latest line goes: heartbeats are no lines, so
  /// its last one is only known to be the verify.
  public func report(partitionCount: Int, ledger: [LedgerLine] = []) -> SessionReport? {
    guard
      let id = start.text("game_session_id")
        .flatMap({ GameSessionID($0, partitionCount: partitionCount) }),
      let cafe = start.text("cafe_id").flatMap(CafeID.init),
      let pc = start.text("pc_id").flatMap(PCID.init),
      let game = start.text("game_id").flatMap(GameID.init),
      let user = start.text("provider_user_id").flatMap(ProviderUserID.init),
      let address = start.text("external_ip"),
      let launcher = start.text("launcher_session_id")
        .flatMap({ LauncherSessionID($0, partitionCount: partitionCount) }),
      let tariff = start.integer("rate_mgcoin_per_hour")
        .flatMap(Tariff.init(milliGCoinPerHour:))
    else { return nil }
    return SessionReport(
      id: id,
      cafe: cafe,
      pc: pc,
      game: game,
      user: user,
      externalAddress: address,
      launcher: launcher,
      tariff: tariff,
      state: state,
      startedAt: start.instant,
      firstHeartbeatAt: end?.instant("first_heartbeat_at"),
      lastHeartbeatAt: end?.instant("last_heartbeat_at") ?? start.instant,
      endedAt: endedAt,
      endReason: end?.text("reason").flatMap(EndReason.init),
      playSeconds: end?.integer("play_duration_sec") ?? billed + held,
      billedSeconds: end?.integer("billable_sec") ?? billed,
      unbilledGraceSeconds: end?.integer("unbilled_grace_sec") ?? 0,
      heldSeconds: held,
      charged: charged,
      ledger: ledger
    )
  }
}

extension LedgerLine {
  fileprivate func instant(_ name: String) -> Instant? {
    integer(name).map(Instant.init(milliseconds:))
  }
}
