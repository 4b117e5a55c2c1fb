import Domain

/// The life of sessions: their start, every debit and reversal, their end.
extension PartitionAudit {
  mutating func check(_ line: LedgerLine, _ number: Int64, of id: String) {
    let kind = line.kind
    if kind == .end { result.sessionsEnded += 1 }
    guard kind != .start else { return start(line, number, id) }
    guard var session = sessions[id] else {
      let name = line.text("kind") ?? "a line"
      let text = "\(name) of a session that has ended before, or whose start is missing"
      return find(.ending, [id, place(line)], text)
    }
    if number != session.sequence + 1 {
      let text = "session_seq \(number) follows \(session.sequence)"
      find(.ending, [id, place(line)], text + ": a line is missing or there twice")
    }
    session.sequence = number
    if kind == .debit || kind == .reversal { move(line, &session, id) }
    guard kind != .end else { return end(line, session, id) }
    sessions[id] = session
  }

  private mutating func start(_ line: LedgerLine, _ number: Int64, _ id: String) {
    guard let session = OpenSession(start: line) else {
      return find(.charge, [id, place(line)], "the start has no cafe, PC, game or rate")
    }
    if sessions[id] != nil {
      find(.ending, [id, place(line)], "the session starts a second time")
      close(id)
    }
    if number != 1 { find(.ending, [id, place(line)], "the start has session_seq \(number)") }
    if let other = places[session.place] {
      let text = "the session starts on \(session.place) while \(other) lives there"
      find(.place, [session.place, other, id], text)
    }
    sessions[id] = session
    places[session.place] = id
    accounts[session.cafe, default: Account()].openSessions += 1
    accounts[session.cafe, default: Account()].spendingPerHour += session.rate
  }

  private mutating func move(_ line: LedgerLine, _ session: inout OpenSession, _ id: String) {
    let amount = line.amount.milliGCoin
    guard let billed = line.integer("billed_sec"), billed >= 0 else {
      return find(.charge, [id, place(line)], "the line has no billed_sec")
    }
    let due = session.cost(billed) - session.cost(session.billed)
    let isDebit = line.kind == .debit
    if -amount != due {
      let text =
        "from \(session.billed) to \(billed) s cost \(due) mgcoin, the line took \(-amount)"
      find(.charge, [id, place(line)], text)
      addResidual(-amount - due)
      session.known += -amount - due
    } else if isDebit != (amount < 0) {
      find(.charge, [id, place(line)], "a \(isDebit ? "debit" : "reversal") of \(amount) mgcoin")
    }
    session.charged -= amount
    session.billed = billed
  }

  private mutating func end(_ line: LedgerLine, _ session: OpenSession, _ id: String) {
    result.sessionsChecked += 1
    close(id)
    guard let ending = Ending(line) else {
      return find(.seconds, [id, place(line)], "the end has not all that an end states")
    }
    let due = session.cost(ending.billable)
    if session.charged - session.known != due {
      let text = "\(ending.billable) billable s cost \(due) mgcoin, its lines took"
      find(.charge, [id, place(line)], "\(text) \(session.charged)")
      addResidual(session.charged - session.known - due)
    }
    for text in ending.faultsOfSeconds(from: session.start) {
      find(.seconds, [id, place(line)], text)
    }
    if let text = ending.faultOfReason(from: session.start) {
      find(.reason, [id, place(line)], text)
    }
  }

  private mutating func close(_ id: String) {
    guard let session = sessions.removeValue(forKey: id) else { return }
    if places[session.place] == id { places[session.place] = nil }
    accounts[session.cafe]?.openSessions -= 1
    accounts[session.cafe]?.spendingPerHour -= session.rate
  }
}
