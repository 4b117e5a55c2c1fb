import Domain

/// What a launcher is told.
extension Auditor {
  /// The identifier of a new launcher session is made by the service; the answer tells it, or what
  /// was seen in Redis when the answer was lost.
  mutating func startLauncher(
    _ place: Place,
    _ nonce: String,
    _ answer: Answer,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Answer {
    let name = "\(place.cafe) \(nonce)"
    if let until = nonces[name], at.server <= until { return .launcher(.replayed) }
    nonces[name] = at.server + Self.nonceMemory
    guard cafes[place.cafe]?.isActive == true else { return .launcher(.suspended) }
    let old = places[place] ?? Occupants()
    if let session = old.session {
      expect(advance(session, own: .launcherRestart, at).lines, &pages)
    }
    if let launcher = old.launcher { remove(launcher) }
    guard case .launcher(.started(let id)) = answer else {
      // Nobody knows it, so nobody will use it; it still has its place.
      serve(place.cafe, at)
      return .launcher(.outsideCafe)
    }
    launchers[id] = AuditedLauncher(
      place: place,
      expiry: at.server + terms.launcherTTL,
      due: at.now + terms.launcherTTL
    )
    places[place, default: Occupants()].launcher = id
    serve(place.cafe, at)
    return answer
  }

  func issueTokenAnswer(
    _ launcher: LauncherSessionID,
    _ game: Game,
    _ at: Moment
  ) -> TokenOutcome? {
    guard let found = launchers[launcher], isAlive(found, at) else { return .launcherGone }
    return isChargeable(game, found.place, at) ? nil : .notChargeable
  }

  mutating func issueToken(
    _ launcher: LauncherSessionID,
    _ game: Game,
    _ answer: Answer,
    _ at: Moment
  ) -> Answer {
    if let refusal = issueTokenAnswer(launcher, game, at) { return .token(refusal) }
    serve(launcher.partition, at)
    guard case .token(.issued(let token)) = answer, let place = launchers[launcher]?.place else {
      // Any token would do; this is what a refusal without a reason is compared with.
      return .token(.issued(OneTimeToken.random(in: launcher.partition)))
    }
    tokens[token] = AuditedToken(
      launcher: launcher,
      place: place,
      game: game.id,
      expiry: at.server + terms.tokenTTL
    )
    return answer
  }

  mutating func beat(_ id: LauncherSessionID, _ at: Moment) -> LauncherPulse? {
    guard var launcher = launchers[id], isAlive(launcher, at) else { return nil }
    launcher.expiry = at.server + terms.launcherTTL
    launcher.due = at.now + terms.launcherTTL
    launchers[id] = launcher
    serve(id.partition, at)
    guard let played = places[launcher.place]?.session, let session = sessions[played],
      cause(session, at) == nil
    else { return LauncherPulse(gameSession: nil) }
    return LauncherPulse(
      gameSession: .init(id: played, game: session.game, pulse: pulse(session, at))
    )
  }

  mutating func end(
    _ id: LauncherSessionID,
    _ request: String,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Bool {
    guard let launcher = launchers[id] else { return false }
    guard isAlive(launcher, at) else {
      guard let end = launcher.end else { return false }
      return end.request == request && at.server <= end.until
    }
    if let session = places[launcher.place]?.session {
      expect(advance(session, own: .launcherExit, at).lines, &pages)
    }
    remove(id)
    serve(id.partition, at)
    launchers[id]?.end = (request, at.server + terms.memory)
    return true
  }

  mutating func remove(_ id: LauncherSessionID) {
    guard let launcher = launchers[id] else { return }
    launchers[id]?.isRemoved = true
    if places[launcher.place]?.launcher == id { places[launcher.place]?.launcher = nil }
  }
}
