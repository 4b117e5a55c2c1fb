import Domain

/// The comparison with what the store holds, seen at the line that was taken in last.
extension PartitionAudit {
  /// Compares the number of the latest line with the one that the store counts from. A difference
  /// is one finding, however often it is seen.
  public mutating func check(storedSequence: Int64) {
    guard storedSequence != sequence, !isMiscounted else { return }
    isMiscounted = true
    let text = "the ledger ends at number \(sequence), the store has counted to \(storedSequence)"
    find(.numbers, ["p\(partition.number)#\(sequence)"], text)
  }

  /// Compares a session that lives here or there.
  public mutating func check(_ live: LiveSession) {
    guard let session = sessions[live.id] else { return checkGone(live) }
    guard let meter = live.meter else {
      return find(.agreement, [live.id], "it lives in the ledger, but has no meter")
    }
    for fault in session.faults(of: meter) { find(.agreement, [live.id], fault) }
    if !live.isListed { find(.agreement, [live.id, meter.cafe], "its cafe does not list it") }
    if !live.isDue { find(.agreement, [live.id], "it is never due, so nobody bills or ends it") }
    if live.sessionOnPC != live.id {
      let text = "\(session.place) has \(live.sessionOnPC ?? "no session") in its place"
      find(.agreement, [live.id, session.place], text)
    }
  }

  /// Compares a cafe.
  public mutating func check(_ live: LiveCafe) {
    result.cafesChecked += 1
    let account = accounts[live.id] ?? Account()
    guard let balance = live.balance?.milliGCoin else {
      addResidual(account.balance)
      return find(.balance, [live.id], "the ledger knows the cafe, the store does not")
    }
    if balance != account.balance {
      let text = "the balance is \(balance) mgcoin, its lines give \(account.balance)"
      find(.balance, [live.id], text)
      addResidual(balance - account.balance)
    }
    if balance < 0 { find(.noDebt, [live.id], "the balance is \(balance) mgcoin") }
    if live.references < account.references {
      let text = "\(account.references) bookings have \(live.references) references"
      find(.once, [live.id], text)
    }
    if live.spendingPerHour != account.spendingPerHour {
      let text = "its sessions cost \(account.spendingPerHour) mgcoin an hour, it says"
      find(.agreement, [live.id], "\(text) \(live.spendingPerHour)")
    }
    if live.liveSessions != account.openSessions {
      let text = "it lists \(live.liveSessions) living sessions, the ledger has"
      find(.agreement, [live.id], "\(text) \(account.openSessions)")
    }
  }

  /// A session that has ended, or never was, must have left nothing.
  private mutating func checkGone(_ live: LiveSession) {
    var rest: [String] = []
    if live.meter != nil { rest.append("a meter") }
    if live.isAlive { rest.append("a session key") }
    if live.isDue { rest.append("a next step") }
    if live.isListed { rest.append("a place in its cafe's list") }
    if live.sessionOnPC == live.id { rest.append("its PC") }
    guard !rest.isEmpty else { return }
    let text = "it does not live in the ledger, but has \(rest.joined(separator: ", "))"
    find(.agreement, [live.id], text)
  }
}

extension OpenSession {
  /// Where a meter tells something else than the lines.
  fileprivate func faults(of meter: LiveMeter) -> [String] {
    var faults: [String] = []
    if (meter.cafe, meter.pc, meter.game) != (cafe, pc, game) || meter.startedAt != start {
      faults.append("its meter names another cafe, PC, game or start than its start line")
    }
    if meter.rate != rate {
      faults.append("its meter has the rate \(meter.rate), its start line \(rate) mgcoin an hour")
    }
    if meter.charged.milliGCoin != charged {
      faults.append("its meter charged \(meter.charged.milliGCoin) mgcoin, its lines \(charged)")
    }
    if meter.charged.milliGCoin != cost(meter.billedSeconds) {
      let due = cost(meter.billedSeconds)
      faults.append("its meter charged \(meter.charged.milliGCoin) for \(due) mgcoin of play")
    }
    if meter.sequence != sequence {
      faults.append("its meter counts \(meter.sequence) lines, the ledger has \(sequence)")
    }
    return faults
  }
}
