import Domain
import RedisClient

extension RedisAdministration {
  /// Sessions read by one script, so that it stays well below two milliseconds.
  static let batch = 100

  public func session(_ id: String) async throws(AdministrationError) -> SessionReport {
    guard let session = link.gameSessionID(id) else { throw .sessionNotFound(id) }
    let report = try await attempt { () throws(ServiceFault) -> SessionReport? in
      guard let found = try await reports(of: [session]).first else {
        return try await sessionInLedger(session)
      }
      return found.with(ledger: try await lines(of: found))
    }
    guard let report else { throw .sessionNotFound(id) }
    return report
  }

  public func endSession(_ id: String) async throws(AdministrationError) -> SessionReport {
    guard let session = link.gameSessionID(id) else { throw .sessionNotFound(id) }
    let outcome = try await attempt { () throws(ServiceFault) in
      try await link.endByOperator(session)
    }
    switch outcome {
    case .ended: return try await self.session(id)
    case .alreadyEnded: throw .conflict("session \(id) has ended already")
    case .notFound: throw .sessionNotFound(id)
    }
  }

  public func listSessions(
    _ filter: SessionFilter,
    _ page: PageRequest
  ) async throws(AdministrationError) -> Page<SessionReport> {
    try await attempt { () throws(ServiceFault) in
      var listing = SessionListing(filter: filter, page: page)
      let horizon = try await horizon(of: filter)
      for cafe in try await cafes(for: filter) where listing.wants(cafe) {
        try await collect(cafe, endedFrom: max(filter.from, horizon), into: &listing)
        if let horizon { try await collectFromLedger(cafe, endedBefore: horizon, into: &listing) }
        guard !listing.isDone else { break }
      }
      return listing.result
    }
  }

  private func cafes(for filter: SessionFilter) async throws(ServiceFault) -> [CafeID] {
    if let cafe = filter.cafe { return [cafe] }
    return try await cafeIDs()
  }

  private func collect(
    _ cafe: CafeID,
    endedFrom: Instant?,
    into listing: inout SessionListing
  ) async throws(ServiceFault) {
    while !listing.isDone {
      let places = try await sessionIDs(of: cafe, after: listing.position, endedFrom)
      guard !places.isEmpty else { break }
      listing.add(try await reports(of: places.map(\.id)), from: places, of: cafe)
    }
  }

  /// The next identifiers of a cafe's sessions: the live ones, then the ended ones, the latest end
  /// first.
  private func sessionIDs(
    of cafe: CafeID,
    after position: SessionCursor?,
    _ endedFrom: Instant?
  ) async throws(ServiceFault) -> [SessionPlace] {
    let position = position?.cafe == cafe.text ? position : nil
    if position?.endedAt == nil {
      let key = link.keys.key(.live, cafe.text, in: partition(of: cafe))
      let members = try await link.send(RedisCommand("SMEMBERS", key)).texts.sorted()
      let next = members.filter { member in position.map { member > $0.session } ?? true }
      let places = next.prefix(Self.batch).compactMap { SessionPlace($0, endedAt: nil, link) }
      if !places.isEmpty { return places }
    }
    return try await endedSessionIDs(of: cafe, after: position, endedFrom)
  }

  private func endedSessionIDs(
    of cafe: CafeID,
    after position: SessionCursor?,
    _ endedFrom: Instant?
  ) async throws(ServiceFault) -> [SessionPlace] {
    let key = link.keys.key(.history, cafe.text, in: partition(of: cafe))
    let from = endedFrom.map { String($0.milliseconds) } ?? "-inf"
    let upTo = position?.endedAt.map(String.init) ?? "+inf"
    // Entries of the same millisecond come again and are skipped, so the batch is that much larger.
    let reply = try await link.send(
      RedisCommand(
        "ZREVRANGEBYSCORE",
        key,
        upTo,
        from,
        "WITHSCORES",
        "LIMIT",
        "0",
        String(2 * Self.batch)
      )
    )
    let values = reply.texts
    return stride(from: 0, to: values.count - 1, by: 2)
      .compactMap { index in
        guard let place = SessionPlace(values[index], endedAt: Int64(values[index + 1]), link)
        else { return nil }
        guard let position, position.endedAt == place.endedAt else { return place }
        return place.id.description < position.session ? place : nil
      }
  }

  private func reports(of ids: [GameSessionID]) async throws(ServiceFault) -> [SessionReport] {
    guard let partition = ids.first?.partition else { return [] }
    var reply = try await link.run(
      link.scripts.sessionsRead,
      in: partition,
      ids.map(\.description)
    )
    var reports: [SessionReport] = []
    while !reply.isAtEnd {
      reports.append(try reply.sessionReport(partitionCount: link.keys.partitionCount))
    }
    return reports
  }
}

/// The later of two instants that may be absent.
private func max(_ left: Instant?, _ right: Instant?) -> Instant? {
  [left, right].compactMap(\.self).max()
}
