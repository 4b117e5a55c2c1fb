public import Domain

/// Adds up the lines of any number of partitions, each in its order, to what lies between two
/// instants. It holds one entry for each living session and for each cafe and game.
public struct SettlementTally: Sendable {
  private struct Account: Hashable {
    let cafe: String
    let game: String
  }

  private let bounds: Range<Instant>
  private var open: [String: MeteredSession] = [:]
  private var held: [Partition: HeldTimes] = [:]
  private var totals: [Account: Settlement.Totals] = [:]

  /// A tally of the time from the first instant to before the second.
  public init(bounds: Range<Instant>) {
    self.bounds = bounds
  }

  /// Takes in a line. Kinds that neither bill nor hold are passed over.
  public mutating func add(_ line: LedgerLine) {
    guard let id = line.text("game_session_id"), line.integer("session_seq") != nil else {
      held[line.partition, default: HeldTimes()].add(line)
      return
    }
    if line.kind == .start {
      open[id] = MeteredSession(start: line)
      return
    }
    guard var session = open.removeValue(forKey: id) else { return }
    switch line.kind {
    case .debit, .reversal:
      session.move(to: line.integer("billed_sec") ?? session.billed)
    case .end:
      session.close(
        played: line.integer("play_duration_sec") ?? 0,
        billable: line.integer("billable_sec") ?? session.billed,
        held: line.integer("held_sec") ?? 0
      )
      book(withHolds(session))
      return
    default: break
    }
    open[id] = session
  }

  /// Living sessions whose part may still change, in order: those that started before the end of
  /// the time and have no accepted heartbeat since, or seconds before it that are not paid.
  public func undecided(_ meters: [String: LiveMeter]) -> [String] {
    open.filter { id, session in
      guard session.start < bounds.upperBound else { return false }
      guard let meter = meters[id], meter.lastHeartbeatAt >= bounds.upperBound else { return true }
      return meter.billedSeconds < withHolds(session).meteredSeconds(before: bounds.upperBound)
    }
    .keys.sorted()
  }

  /// The rows by cafe and game. Living sessions count as far as they are paid.
  public func rows(_ meters: [String: LiveMeter]) -> [Settlement.Row] {
    var all = self
    for (id, session) in open {
      var session = session
      if let meter = meters[id] { session.advance(to: meter.billedSeconds) }
      all.book(withHolds(session))
    }
    return all.totals
      .map { Settlement.Row(cafe: $0.key.cafe, game: $0.key.game, totals: $0.value) }
      .sorted { ($0.cafe, $0.game) < ($1.cafe, $1.game) }
  }

  private func withHolds(_ session: MeteredSession) -> MeteredSession {
    guard let held = held[session.partition] else { return session }
    var session = session
    session.holds = held.spans(cafe: session.cafe, game: session.game, after: session.start)
    return session
  }

  private mutating func book(_ session: MeteredSession) {
    let part =
      session.totals(before: bounds.upperBound) - session.totals(before: bounds.lowerBound)
    guard part != Settlement.Totals() else { return }
    totals[Account(cafe: session.cafe, game: session.game), default: .init()] += part
  }
}
