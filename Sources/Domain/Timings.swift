/// The durations that rule sessions and hosts. The defaults are the published ones; an operator
/// rarely changes them, a demonstration shortens them.
public struct Timings: Sendable, Equatable {
  /// How often a game server and a launcher are asked to report (120 s). It is also how far a
  /// debit may run ahead of the last accepted heartbeat.
  public var heartbeatInterval: Duration = .seconds(120)
  /// How long a game session lives without a heartbeat: 2 × heartbeat, so one lost beat is
  /// harmless.
  public var sessionTTL: Duration = .seconds(240)
  /// How long a launcher session lives without a heartbeat.
  public var launcherTTL: Duration = .seconds(240)
  /// How long a one-time token can be traded.
  public var tokenTTL: Duration = .seconds(60)
  /// How long a player stays in after the cafe's balance is spent.
  public var grace: Duration = .seconds(120)
  /// How long late calls for an ended session get its answer, and a used token is remembered.
  public var endedMemory: Duration = .seconds(600)
  /// How often each session is debited.
  public var billingTick: Duration = .seconds(60)
  /// How long an ended session's evidence stays in Redis.
  public var recordRetention: Duration = .seconds(40 * 86_400)
  /// A gap in service longer than that is held: nobody pays for it and nobody is thrown out by it.
  /// nil switches that off.
  public var outageHold: Duration? = .seconds(60)
  /// Remaining time of a cafe's balance, in minutes, below which the ledger says so: once when it
  /// falls below each.
  public var lowBalanceMinutes: [Int] = [60, 10]
  /// How long a host lives without a heartbeat.
  public var hostTTL: Duration = .seconds(30)
  /// How long a reserved slot waits to be confirmed.
  public var matchReservation: Duration = .seconds(60)
  /// How long a confirmed reservation lasts when nothing else ends it.
  public var matchConfirmedTTL: Duration = .seconds(4 * 3600)

  /// The published defaults.
  public init() {}
}
