import Domain

/// How a session is stepped and closed, and which lines that writes.
extension Auditor {
  /// Which cause has ended the session by now: of several the earliest.
  func cause(_ session: AuditedSession, _ at: Moment) -> EndReason? {
    var causes: [(EndReason, Int64)] = []
    if !isAlive(session, at) { causes.append((.heartbeatTimeout, life(of: session, at))) }
    if let deadline = deadline(session, at), at.now >= deadline {
      causes.append((.chargeExhausted, deadline))
    }
    if let launcher = launchers[session.launcher], !isAlive(launcher, at) {
      causes.append((.launcherTimeout, life(of: launcher, at)))
    }
    // The first of equals stays: `min` would not promise it.
    return causes.reduce(nil as (EndReason, Int64)?) { earliest, cause in
      guard let earliest, earliest.1 <= cause.1 else { return cause }
      return earliest
    }?
    .0
  }

  /// Debits what is due up to the horizon as far as the balance goes; enters or leaves grace.
  mutating func step(_ session: inout AuditedSession, _ at: Moment) -> [Expected] {
    let horizon = min(at.now, session.beat + terms.interval)
    // A hold that begins within a second that was paid takes nothing of it back before the end.
    let due = max(session.paid, billable(session, to: horizon, at))
    var lines = pay(&session, upTo: due)
    lines.append(.warnings(warnings(session.cafe)))
    if session.graceBegan == nil, session.paid < due {
      session.graceBegan = at.now
      lines.append(.line(Line(.exhausted, &session)))
    } else if session.graceBegan != nil, session.paid == due {
      let minute = session.reckoning.cost(due + 60) - session.charged
      if balance(session.cafe) >= minute {
        session.graceBegan = nil
        lines.append(.line(Line(.resumed, &session)))
      }
    }
    return lines
  }

  /// Brings what was paid to so many seconds, or to as many as the balance pays.
  private mutating func pay(_ session: inout AuditedSession, upTo seconds: Int64) -> [Expected] {
    let money = session.charged + balance(session.cafe)
    session.paid = session.reckoning.seconds(for: money, upTo: seconds)
    let difference = session.reckoning.cost(session.paid) - session.charged
    guard difference != 0 else { return [] }
    session.charged += difference
    cafes[session.cafe]?.balance -= difference
    var line = Line(difference > 0 ? .debit : .reversal, &session)
    line.set("amount_mgcoin", -difference)
    line.set("balance_mgcoin", balance(session.cafe))
    return [.line(line)]
  }

  func balance(_ cafe: CafeID) -> Int64 { cafes[cafe]?.balance ?? 0 }

  /// What the live sessions of a cafe cost an hour.
  func spending(_ cafe: CafeID) -> Int64 {
    live.reduce(0) { sum, id in
      guard let session = sessions[id], session.cafe == cafe else { return sum }
      return sum + session.rate
    }
  }

  /// Does what is due for a session, and closes it when a cause has struck or for the caller's own
  /// cause. Returns the lines and the reason.
  mutating func advance(
    _ id: GameSessionID,
    own: EndReason?,
    request: String = "",
    _ at: Moment
  ) -> (lines: [Expected], reason: EndReason?) {
    guard var session = sessions[id] else { return ([], nil) }
    var lines: [Expected] = []
    var reason = cause(session, at)
    if reason == nil {
      lines = step(&session, at)
    } else if reason == .chargeExhausted {
      lines = step(&session, at)
      reason = cause(session, at)
    }
    // A cause that struck before wins; then nobody's request ended the session.
    if let cause = reason ?? own {
      let (ended, more) = close(&session, cause, reason == nil ? request : "", at)
      (reason, lines) = (ended, lines + more)
    }
    sessions[id] = session
    return (lines, reason)
  }

  /// The reason under which a cause is recorded and when it ended the session.
  private func verdict(
    _ session: AuditedSession,
    _ cause: EndReason,
    _ at: Moment
  ) -> (EndReason, Int64) {
    switch cause {
    case .normal, .launcherExit, .operatorEnded: return (cause, at.now)
    case .replaced: return (cause, min(at.now, session.beat + terms.interval))
    case .launcherTimeout, .heartbeatTimeout, .launcherRestart: return (cause, session.beat)
    case .chargeExhausted:
      // Without a heartbeat since the last paid second nobody says that it was played on.
      let isProven = billable(session, to: session.beat, at) >= session.paid
      guard isProven else { return (.heartbeatTimeout, session.beat) }
      return (cause, deadline(session, at) ?? at.now)
    }
  }

  private mutating func close(
    _ session: inout AuditedSession,
    _ cause: EndReason,
    _ request: String,
    _ at: Moment
  ) -> (EndReason, [Expected]) {
    let (reason, endedAt) = verdict(session, cause, at)
    let play = session.played(to: endedAt)
    let held = held(session, to: endedAt, at)
    var lines = pay(&session, upTo: play - held)
    var line = Line(.end, &session)
    line.set("reason", reason.rawValue)
    line.set("ended_at", endedAt)
    line.set("first_heartbeat_at", session.first)
    line.set("last_heartbeat_at", session.beat)
    line.set("play_duration_sec", play)
    line.set("billable_sec", session.paid)
    line.set("unbilled_grace_sec", play - held - session.paid)
    line.set("held_sec", held)
    lines.append(.line(line))
    session.ending = AuditedSession.Ending(
      reason: reason,
      at: endedAt,
      play: play,
      billable: session.paid,
      held: held,
      closedAt: at.server,
      request: request
    )
    live.remove(session.id)
    if places[session.place]?.session == session.id { places[session.place]?.session = nil }
    if reason == .heartbeatTimeout, let silence = fallSilent(session.cafe, at) {
      lines.append(.line(silence))
    }
    return (reason, lines)
  }
}
