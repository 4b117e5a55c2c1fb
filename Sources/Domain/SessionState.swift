/// Where a game session is in its life.
public enum SessionState: String, Sendable, CaseIterable {
  /// It is played and paid.
  case running
  /// The balance is spent; the session ends at its grace deadline unless money comes.
  case grace
  /// It is over; ``EndReason`` says why.
  case ended
}

/// Why a session ended, which also decides the last second that is billed.
///
/// A verify is the first accepted heartbeat. When several causes apply, the earliest in time wins.
public enum EndReason: String, Sendable, CaseIterable {
  /// The game server called end: billed to now.
  case normal
  /// The launcher ended its session: billed to now.
  case launcherExit = "launcher_exit"
  /// The operator ended it: billed to now.
  case operatorEnded = "operator"
  /// The grace is over: ends at the grace deadline, billed to where the money ended.
  case chargeExhausted = "charge_exhausted"
  /// The launcher was silent for its TTL: billed to the last accepted game heartbeat.
  case launcherTimeout = "launcher_timeout"
  /// The game server was silent for the session's TTL: billed to the last accepted heartbeat.
  case heartbeatTimeout = "heartbeat_timeout"
  /// The PC's launcher started anew: billed to the last accepted heartbeat.
  case launcherRestart = "launcher_restart"
  /// Another session started on the PC: billed to the last accepted heartbeat and one heartbeat
  /// interval more, but not past now.
  case replaced
}
