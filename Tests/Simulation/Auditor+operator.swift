import Domain

/// What an operator is told, and what the billing worker does.
extension Auditor {
  mutating func book(
    _ entry: BalanceEntry,
    _ cafe: CafeID,
    _ pages: inout Pages
  ) -> Answer {
    let reference = entry.reference.text
    let amount = entry.amount.milliGCoin
    if let booked = cafes[cafe]?.references[reference] {
      guard booked.isSame(as: entry) else {
        return .refused(.conflict("ref \(reference) of cafe \(cafe) was booked for something else"))
      }
      return .booked(Booking(balance: Money(milliGCoin: balance(cafe)), isApplied: false))
    }
    if balance(cafe) + amount < 0 {
      let text = Money(milliGCoin: balance(cafe)).gCoinText
      return .refused(.conflict("the balance of cafe \(cafe), \(text), would go below zero"))
    }
    cafes[cafe]?.balance += amount
    cafes[cafe]?.references[reference] = entry
    expect([bookingLine(entry, cafe)], &pages)
    let after = Money(milliGCoin: balance(cafe))
    return .booked(Booking(balance: after, isApplied: true))
  }

  private func bookingLine(_ entry: BalanceEntry, _ cafe: CafeID) -> Line {
    var line: Line
    switch entry {
    case .topup: line = Line(.topup, cafe)
    case .adjustment(_, _, let reason):
      line = Line(.adjustment, cafe)
      line.set("reason", reason)
    }
    line.set("amount_mgcoin", entry.amount.milliGCoin)
    line.set("balance_mgcoin", balance(cafe))
    line.set("ref", entry.reference.text)
    return line
  }

  mutating func setActive(_ cafe: CafeID, _ isActive: Bool, _ pages: inout Pages) -> Answer {
    if cafes[cafe]?.isActive != isActive {
      cafes[cafe]?.isActive = isActive
      var line = Line(isActive ? .resumedCafe : .suspended, cafe)
      line.set("status", isActive ? "active" : "suspended")
      expect([line], &pages)
    }
    return .done
  }

  /// Suspends; live sessions are ended one by one, in any order, and a lost call may stop halfway.
  mutating func suspend(
    _ cafe: CafeID,
    _ endSessions: Bool,
    _ answer: Answer,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Answer {
    let done = setActive(cafe, false, &pages)
    guard endSessions else { return done }
    // The first end is the first to look at the clock.
    if pages.upcoming?.isOf(.outage) == true { notice(partition(of: cafe), &pages, at) }
    while let id = pages.upcoming?.session.flatMap(sessionID), live.contains(id) {
      expect(advance(id, own: .operatorEnded, request: "an operator's", at).lines, &pages)
    }
    if !answer.isUnknown {
      let left = live.filter { sessions[$0]?.cafe == cafe }
      expect(left.isEmpty, "\(cafe) is suspended, and \(left) go on")
    }
    return done
  }

  mutating func endByOperator(
    _ id: GameSessionID,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Answer? {
    guard let session = sessions[id] else { return .refused(.sessionNotFound(id.description)) }
    let outcome: EndOutcome
    if let ending = session.ending {
      let isKnown = at.server <= ending.closedAt + terms.memory
      outcome = isKnown && ending.reason != .heartbeatTimeout ? .alreadyEnded : .notFound
    } else {
      let hasTimedOut = !isAlive(session, at)
      outcome = close(id, .operatorEnded, "an operator's", hasTimedOut, &pages, at)
    }
    switch outcome {
    case .ended: return .done
    case .alreadyEnded: return .refused(.conflict("session \(id) has ended already"))
    case .notFound: return .refused(.sessionNotFound(id.description))
    }
  }

  func sessionID(_ text: String) -> GameSessionID? {
    GameSessionID(text, partitionCount: Partition.counts.upperBound)
  }

  // MARK: Billing

  /// A batch of the billing worker: the sessions that the lines name were stepped or closed as the
  /// rule says, and none was left that had to be.
  mutating func bill(
    _ partition: Partition,
    _ answer: Answer,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Answer? {
    var closed = 0
    let before = cafes.values.reduce(0) { $0 + $1.balance }
    serve(partition, at)
    tellOfClock(partition, &pages, at)
    allowSilentSteps(partition)
    while let line = pages.upcoming {
      if line.isOf(.lowBalance), let cafe = line.text("cafe_id").flatMap(CafeID.init) {
        // The step of some session that owed nothing.
        expect(warnings(cafe), &pages)
        guard findings.isEmpty else { return nil }
        continue
      }
      guard let text = line.session else { break }
      guard let id = sessionID(text), live.contains(id) else {
        expect(false, "\(text) is billed and does not live")
        return nil
      }
      let (lines, reason) = advance(id, own: nil, at)
      guard lines.contains(where: \.isLine) else {
        expect(false, "\(text) is billed and owes nothing")
        return nil
      }
      expect(lines, &pages)
      if reason != nil { closed += 1 }
      allowSilentSteps(partition)
      guard findings.isEmpty else { return nil }
    }
    sweepLaunchers(partition, at)
    guard case .billed(_, _, let isFull, _) = answer else { return nil }
    if !isFull { expectNothingLeft(partition, at) }
    let debited = before - cafes.values.reduce(0) { $0 + $1.balance }
    return .billed(closed: closed, debited: debited, isFull: isFull, setAside: [])
  }

  /// A clock that went back too far is told once, until it has caught up.
  private mutating func tellOfClock(
    _ partition: Partition,
    _ pages: inout Pages,
    _ at: Moment
  ) {
    let lag = at.now - at.server
    if lag == 0 { lagging.remove(partition) }
    guard lag > Self.clockTolerance, lagging.insert(partition).inserted else { return }
    var line = Line(.clock)
    line.set("reason", "back")
    line.set("behind_ms", lag)
    expect([line], &pages)
  }

  /// Silent launchers lose their place; one whose key lives on after a step back is due later, and
  /// so is one whose life a hold prolongs.
  private mutating func sweepLaunchers(_ partition: Partition, _ at: Moment) {
    for id in places.values.compactMap(\.launcher) where id.partition == partition {
      guard let launcher = launchers[id], launcher.due <= at.now else { continue }
      if at.server < launcher.expiry {
        launchers[id]?.due = at.now + launcher.expiry - at.server
        continue
      }
      let ends = life(of: launcher, at)
      if ends > at.now { launchers[id]?.due = ends } else { remove(id) }
    }
  }

  private mutating func expectNothingLeft(_ partition: Partition, _ at: Moment) {
    for id in live where id.partition == partition {
      guard let session = sessions[id] else { continue }
      switch cause(session, at) {
      case .heartbeatTimeout where at.now < life(of: session, at): break
      case nil:
        // A step runs at most an interval ahead of a heartbeat, and comes every tick. After a hold
        // a heartbeat may come later than usual, and opens more than an interval.
        let horizon = min(at.now, session.beat + terms.interval)
        let late = (terms.tick + max(terms.interval, session.opened)) / 1000
        let seconds = billable(session, to: horizon, at)
        let owed = session.reckoning.cost(seconds) - session.charged
        let isLate = session.graceBegan == nil && owed > session.reckoning.cost(late) + 1
        expect(!isLate, "\(id) owes \(owed) after a batch")
      case let reason?:
        expect(false, "\(id) was left open: \(reason)")
      }
    }
  }
}

extension BalanceEntry {
  /// A reference stands for a kind and an amount; the reason may differ.
  fileprivate func isSame(as other: BalanceEntry) -> Bool {
    switch (self, other) {
    case (.topup, .topup), (.adjustment, .adjustment): amount == other.amount
    case (.topup, .adjustment), (.adjustment, .topup): false
    }
  }
}
