import Domain
import Ledger
import RedisClient

/// What the ledger tells of sessions, above all when their records are gone.
extension RedisAdministration {
  /// The lines of one session, from the time at which it started. Credits may follow its end, so it
  /// is read to the ledger's.
  func lines(of session: SessionReport) async throws(ServiceFault) -> [LedgerLine] {
    try await lines(of: session.id, after: "\(session.startedAt.milliseconds)-0")
  }

  /// A session of which there is no record any more, by its lines.
  func sessionInLedger(_ id: GameSessionID) async throws(ServiceFault) -> SessionReport? {
    let lines = try await lines(of: id, after: nil)
    guard let start = lines.first, var trail = SessionTrail(start: start) else { return nil }
    for line in lines.dropFirst() { trail.add(line) }
    return trail.report(partitionCount: link.keys.partitionCount, ledger: lines)
  }

  /// Until when a cafe's ended sessions are only found in the ledger; nil when nobody asked for
  /// times that long ago. All cafes together would be too much to read for a list.
  func horizon(of filter: SessionFilter) async throws(ServiceFault) -> Instant? {
    guard filter.cafe != nil, filter.from != nil || filter.to != nil else { return nil }
    let now = try await RedisLiveState(link: link).now()
    let retention = link.scripts.recordRetention.wholeMilliseconds
    let horizon = Instant(milliseconds: now.milliseconds - retention)
    return (filter.from ?? Instant(milliseconds: 0)) < horizon ? horizon : nil
  }

  /// Adds a cafe's sessions from before the horizon, which stand behind all others.
  func collectFromLedger(
    _ cafe: CafeID,
    endedBefore horizon: Instant,
    into listing: inout SessionListing
  ) async throws(ServiceFault) {
    while !listing.isDone {
      var bound = PastSessions.Place(endedAt: horizon.milliseconds, id: "")
      if let position = listing.position, position.cafe == cafe.text, let end = position.endedAt {
        bound = min(bound, PastSessions.Place(endedAt: end, id: position.session))
      }
      var past = PastSessions(
        filter: listing.filter,
        before: bound,
        limit: PageRequest.limits.upperBound,
        partitionCount: link.keys.partitionCount
      )
      let partition = partition(of: cafe)
      try await ledger.forEachPage(in: partition, after: nil) {
        (page: [LedgerLine]) throws(ServiceFault) in for line in page { past.add(line) }
      }
      let reports = past.reports
      let places = reports.compactMap {
        SessionPlace($0.id.description, endedAt: $0.endedAt?.milliseconds, link)
      }
      guard !places.isEmpty else { return }
      listing.add(reports, from: places, of: cafe)
    }
  }

  private func lines(
    of session: GameSessionID,
    after streamID: String?
  ) async throws(ServiceFault) -> [LedgerLine] {
    var lines: [LedgerLine] = []
    let id = session.description
    try await ledger.forEachPage(in: session.partition, after: streamID) {
      (page: [LedgerLine]) throws(ServiceFault) in
      lines += page.filter { $0.text("game_session_id") == id }
    }
    return lines
  }
}
