import Domain

extension ReplyReader {
  /// One row of `sessions_read`.
  mutating func sessionReport(partitionCount: Int) throws(ServiceFault) -> SessionReport {
    let id = try parsed { GameSessionID($0, partitionCount: partitionCount) }
    let cafe = try parsed(CafeID.init)
    let pc = try parsed(PCID.init)
    let game = try parsed(GameID.init)
    let user = try parsed(ProviderUserID.init)
    let address = try text()
    let launcher = try parsed { LauncherSessionID($0, partitionCount: partitionCount) }
    let tariff = try parsed { Int64($0).flatMap(Tariff.init(milliGCoinPerHour:)) }
    let state = try parsed(SessionState.init)
    let start = try instant()
    let first = try instant()
    let beat = try instant()
    let end = try instant()
    let reason = EndReason(rawValue: try text())
    guard let start, let beat else { throw .broken("session \(id) has no start") }
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
      startedAt: start,
      firstHeartbeatAt: first,
      lastHeartbeatAt: beat,
      endedAt: end,
      endReason: reason,
      playSeconds: try integer(),
      billedSeconds: try integer(),
      unbilledGraceSeconds: try integer(),
      heldSeconds: try integer(),
      charged: Money(milliGCoin: try integer()),
      ledger: []
    )
  }

  /// An instant, or nil for an empty text.
  private mutating func instant() throws(ServiceFault) -> Instant? {
    let text = try text()
    return text.isEmpty ? nil : Int64(stored: text).map(Instant.init)
  }
}

extension SessionReport {
  /// The same report with its ledger lines.
  func with(ledger: [LedgerLine]) -> SessionReport {
    SessionReport(
      id: id,
      cafe: cafe,
      pc: pc,
      game: game,
      user: user,
      externalAddress: externalAddress,
      launcher: launcher,
      tariff: tariff,
      state: state,
      startedAt: startedAt,
      firstHeartbeatAt: firstHeartbeatAt,
      lastHeartbeatAt: lastHeartbeatAt,
      endedAt: endedAt,
      endReason: endReason,
      playSeconds: playSeconds,
      billedSeconds: billedSeconds,
      unbilledGraceSeconds: unbilledGraceSeconds,
      heldSeconds: heldSeconds,
      charged: charged,
      ledger: ledger
    )
  }
}
