import Domain
import RedisClient

extension RedisAdministration {
  /// Sessions that one script credits; each takes some 40 µs of Redis.
  private static let creditBatch = 50
  /// Ended sessions listed at once.
  private static let endedBatch = 500

  public func compensate(
    _ compensation: Compensation,
    for id: CafeID
  ) async throws(AdministrationError) -> CompensationReport {
    // The living ones first: one that ends meanwhile is then found among the ended, and a session
    // that is given twice is credited once.
    let live = try await attempt { () throws(ServiceFault) in
      try await link.send(RedisCommand("SMEMBERS", key(.live, id))).texts
    }
    if let done = try await credit(live, compensation, for: id) { return done }
    var from = String(compensation.from.milliseconds)
    while true {
      let page = try await endedSessions(of: id, from: from)
      if let done = try await credit(page.map(\.id), compensation, for: id) { return done }
      guard page.count == Self.endedBatch, let last = page.last?.endedAt else { break }
      from = last == from ? "(\(last)" : last
    }
    let report = try await step([], compensation, for: id, isLast: true)
    guard let report else { throw .fault(.broken("a compensation does not come to its end")) }
    return report
  }

  /// Credits sessions batch by batch; a report when the reference turns out to be done.
  private func credit(
    _ sessions: [String],
    _ compensation: Compensation,
    for id: CafeID
  ) async throws(AdministrationError) -> CompensationReport? {
    var rest = sessions[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(Self.creditBatch))
      if let done = try await step(batch, compensation, for: id, isLast: false) { return done }
      rest = rest.dropFirst(batch.count)
    }
    return nil
  }

  /// One script; nil when more is to come.
  private func step(
    _ sessions: [String],
    _ compensation: Compensation,
    for id: CafeID,
    isLast: Bool
  ) async throws(AdministrationError) -> CompensationReport? {
    let arguments = [
      id.text, compensation.reference.text, String(compensation.from.milliseconds),
      String(compensation.to.milliseconds), String(compensation.percent), isLast ? "1" : "",
    ]
    var reply = try await attempt { () throws(ServiceFault) in
      try await link.runReplicated(
        link.scripts.cafeCompensate,
        in: partition(of: id),
        arguments + sessions
      )
    }
    let answer = try await attempt { () throws(ServiceFault) in try reply.text() }
    switch answer {
    case "going": return nil
    case "applied", "repeated":
      return try await attempt { () throws(ServiceFault) in
        CompensationReport(
          balance: Money(milliGCoin: try reply.integer()),
          isApplied: answer == "applied",
          sessions: try reply.integer(),
          credited: Money(milliGCoin: try reply.integer())
        )
      }
    case "unknown": throw .cafeNotFound(id)
    case "taken":
      throw .conflict("ref \(compensation.reference) of cafe \(id) was booked for something else")
    case "above_maximum":
      throw .conflict("the balance of cafe \(id) would pass \(Money.maximumBalance.gCoinText)")
    default: throw unknown(answer)
    }
  }

  /// Ended sessions whose end is not before an instant, the earliest first.
  private func endedSessions(
    of id: CafeID,
    from: String
  ) async throws(AdministrationError) -> [(id: String, endedAt: String)] {
    let command = RedisCommand(
      arguments: [
        "ZRANGEBYSCORE", key(.history, id), from, "+inf", "WITHSCORES", "LIMIT", "0",
        String(Self.endedBatch),
      ]
    )
    let values = try await attempt { () throws(ServiceFault) in try await link.send(command).texts }
    return stride(from: 0, to: values.count - 1, by: 2).map { (values[$0], values[$0 + 1]) }
  }

  private func key(_ name: Keys.Name, _ cafe: CafeID) -> String {
    link.keys.key(name, cafe.text, in: partition(of: cafe))
  }
}
