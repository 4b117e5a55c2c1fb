import Domain

/// What a game server is told.
extension Auditor {
  // MARK: Verify

  mutating func verify(
    _ request: VerifyRequest,
    _ pages: inout Pages,
    _ at: Moment
  ) -> VerifyOutcome {
    guard let token = tokens[request.token], at.server <= token.expiry else {
      return .refused(.expired)
    }
    if token.game != request.game.id { return .refused(.gameMismatch) }
    if let use = token.use {
      // A repeat writes nothing.
      let isRepeat = request.idempotencyKey != nil && use.key == request.idempotencyKey
      return isRepeat && use.user == request.user
        ? .started(use.session) : .refused(.alreadyUsed)
    }
    guard let launcher = launchers[token.launcher], isAlive(launcher, at) else {
      return .refused(.expired)
    }
    guard request.game.isEnabled, isChargeable(request.game, token.place, at) else {
      return .refused(.notChargeable)
    }
    return start(request, token, &pages, at)
  }

  /// Whether the cafe is active and its balance, with the replaced session settled, pays a minute
  /// at its rate of spending, the new session included.
  func isChargeable(_ game: Game, _ place: Place, _ at: Moment) -> Bool {
    guard cafes[place.cafe]?.isActive == true else { return false }
    guard let replaced = places[place]?.session else { return isChargeable(game, place.cafe) }
    var after = self
    _ = after.advance(replaced, own: .replaced, at)
    return after.isChargeable(game, place.cafe)
  }

  private func isChargeable(_ game: Game, _ cafe: CafeID) -> Bool {
    let rate = spending(cafe) + game.tariff.milliGCoinPerHour
    return balance(cafe) >= max(1, Reckoning(rate: rate).cost(60))
  }

  /// A session starts. Its identifier is made by the service, so the line tells it.
  private mutating func start(
    _ request: VerifyRequest,
    _ token: AuditedToken,
    _ pages: inout Pages,
    _ at: Moment
  ) -> VerifyOutcome {
    if let replaced = places[token.place]?.session {
      expect(advance(replaced, own: .replaced, at).lines, &pages)
    }
    guard let text = pages.upcoming?.session,
      let id = GameSessionID(text, partitionCount: Partition.counts.upperBound)
    else {
      expect(false, "no session was started")
      return .refused(.expired)
    }
    expect(sessions[id] == nil, "\(id) starts twice")
    var session = AuditedSession(
      id: id,
      cafe: token.place.cafe,
      pc: token.place.pc,
      game: request.game.id,
      user: request.user,
      launcher: token.launcher,
      rate: request.game.tariff.milliGCoinPerHour,
      start: at.now,
      beat: at.now,
      expiry: at.server + terms.sessionTTL
    )
    var line = Line(.start, &session)
    line.set("provider_user_id", request.user.text)
    line.set("external_ip", "203.0.113.7")
    line.set("launcher_session_id", token.launcher.description)
    line.set("rate_mgcoin_per_hour", session.rate)
    expect([line], &pages)
    sessions[id] = session
    live.insert(id)
    places[token.place]?.session = id
    tokens[request.token]?.use = .init(
      session: id,
      user: request.user,
      key: request.idempotencyKey
    )
    tokens[request.token]?.expiry = at.server + terms.memory
    serve(token.place.cafe, at)
    return .started(id)
  }

  // MARK: Heartbeat

  mutating func beat(
    _ id: GameSessionID,
    _ user: ProviderUserID,
    _ game: GameID,
    _ pages: inout Pages,
    _ at: Moment
  ) -> HeartbeatOutcome {
    guard var session = sessions[id], session.user == user, session.game == game else {
      return .notFound
    }
    if let ending = session.ending { return lateBeat(ending, at) }
    serve(session.cafe, at)
    let hasTimedOut = !isAlive(session, at)
    let isGraceOver = deadline(session, at).map { at.now >= $0 } ?? false
    if cause(session, at) != nil {
      let (lines, reason) = advance(id, own: nil, at)
      expect(lines, &pages)
      session = sessions[id] ?? session
      if reason != nil {
        if hasTimedOut { return .notFound }
        return isGraceOver && session.graceBegan != nil ? .ending : .ended
      }
    }
    let before = billable(session, to: min(at.now, session.beat + terms.interval), at)
    session.opened = (billable(session, to: at.now, at) - before) * 1000
    session.beat = at.now
    session.first = session.first ?? at.now
    session.expiry = at.server + terms.sessionTTL
    let isWarned = pages.upcoming?.isOf(.lowBalance) == true
    if mustStep(session, at) || isWarned || pages.upcoming?.session == id.description {
      expect(step(&session, at), &pages)
    }
    sessions[id] = session
    allowSilentStep(session.cafe)
    return .alive(pulse(session, at))
  }

  /// In grace, and when the money is gone, a heartbeat debits at once; else when it is due.
  private func mustStep(_ session: AuditedSession, _ at: Moment) -> Bool {
    let money = session.charged + balance(session.cafe)
    let seconds = billable(session, to: at.now, at)
    return session.graceBegan != nil || session.reckoning.cost(seconds) > money
  }

  private func lateBeat(_ ending: AuditedSession.Ending, _ at: Moment) -> HeartbeatOutcome {
    guard at.server <= ending.closedAt + terms.memory else { return .notFound }
    switch ending.reason {
    case .heartbeatTimeout: return .notFound
    case .replaced: return .replaced(playSeconds: ending.play)
    case .normal, .launcherExit, .operatorEnded, .chargeExhausted, .launcherTimeout,
      .launcherRestart:
      return .ended
    }
  }

  /// What a client is told of a living session.
  func pulse(_ session: AuditedSession, _ at: Moment) -> Pulse {
    let play = session.played(to: at.now)
    guard let deadline = deadline(session, at) else {
      let owed = session.reckoning.cost(max(session.paid, billable(session, to: at.now, at)))
      let left = max(0, balance(session.cafe) + session.charged - owed)
      let remaining = left * 3600 / spending(session.cafe)
      return Pulse(playSeconds: play, remainingSeconds: remaining, graceSeconds: nil)
    }
    let grace = max(0, (deadline - at.now) / 1000)
    return Pulse(playSeconds: play, remainingSeconds: 0, graceSeconds: grace)
  }

  // MARK: End

  mutating func end(
    _ id: GameSessionID,
    _ game: GameID,
    _ request: String,
    _ pages: inout Pages,
    _ at: Moment
  ) -> EndOutcome {
    guard let session = sessions[id], session.game == game else { return .notFound }
    if let ending = session.ending { return lateEnd(ending, request, at) }
    let hasTimedOut = !isAlive(session, at)
    serve(session.cafe, at)
    return close(id, .normal, request, hasTimedOut, &pages, at)
  }

  /// Ends a session by a call; a cause that struck before wins, and the call comes too late.
  mutating func close(
    _ id: GameSessionID,
    _ own: EndReason,
    _ request: String,
    _ hasTimedOut: Bool,
    _ pages: inout Pages,
    _ at: Moment
  ) -> EndOutcome {
    let (lines, reason) = advance(id, own: own, request: request, at)
    expect(lines, &pages)
    guard reason == own, let ending = sessions[id]?.ending else {
      return hasTimedOut || reason == .heartbeatTimeout ? .notFound : .alreadyEnded
    }
    return .ended(playSeconds: ending.play)
  }

  private func lateEnd(
    _ ending: AuditedSession.Ending,
    _ request: String,
    _ at: Moment
  ) -> EndOutcome {
    guard at.server <= ending.closedAt + terms.memory else { return .notFound }
    if ending.request == request { return .ended(playSeconds: ending.play) }
    return ending.reason == .heartbeatTimeout ? .notFound : .alreadyEnded
  }
}
