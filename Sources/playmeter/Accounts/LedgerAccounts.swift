import Domain
import Foundation
import Ledger
import RedisStore
import Synchronization

/// Reconciliation and settlement from the whole ledger. One computation runs at a time, so that
/// impatient operators cannot keep Redis busy with reading the same lines.
final class LedgerAccounts: Accounting {
  private let source: any LedgerSource
  private let live: RedisLiveState
  private let timeZone: TimeZone
  private let isRunning = Mutex(false)

  /// Accounts from a ledger and what Redis holds beside it.
  ///
  /// - Parameter timeZone: Its midnights bound the months.
  init(source: any LedgerSource, live: RedisLiveState, timeZone: TimeZone) {
    self.source = source
    self.live = live
    self.timeZone = timeZone
  }

  func reconcile() async throws(AdministrationError) -> Reconciliation {
    try await reconcile(.unbounded)
  }

  /// The same at a given pace.
  func reconcile(_ pace: Pace) async throws(AdministrationError) -> Reconciliation {
    try await alone { () async throws(ServiceFault) -> Reconciliation in
      var result = Reconciliation()
      try await forEachPartition(pace, tally: nil) { result.add($0.reconciliation) }
      return result
    }
  }

  func settle(_ request: SettlementRequest) async throws(AdministrationError) -> Settlement {
    guard let bounds = request.month.bounds(in: timeZone) else {
      throw .conflict("\(request.month) has no bounds in \(timeZone.identifier)")
    }
    if !request.isPreview { try await demandThatItIsOver(request.month, bounds) }
    let sums = try await alone { () async throws(ServiceFault) -> Sums in
      try await self.sums(bounds)
    }
    try sums.demandCleanness()
    if !request.isPreview { try sums.demandDecision(on: request.month) }
    return Settlement(
      month: request.month,
      timeZone: timeZone.identifier,
      bounds: bounds,
      isPreview: request.isPreview,
      rows: sums.rows.filter { row in
        (request.cafe == nil || row.cafe == request.cafe?.text)
          && (request.game == nil || row.game == request.game?.text)
      }
    )
  }

  private func demandThatItIsOver(
    _ month: Month,
    _ bounds: Range<Instant>
  ) async throws(AdministrationError) {
    let now: Instant
    do throws(ServiceFault) {
      now = try await live.now()
    } catch {
      throw .fault(error)
    }
    guard now < bounds.upperBound else { return }
    throw .conflict("\(month) is not over in \(timeZone.identifier); a preview shows it so far")
  }

  private func sums(_ bounds: Range<Instant>) async throws(ServiceFault) -> Sums {
    var sums = Sums()
    try await forEachPartition(.unbounded, tally: SettlementTally(bounds: bounds)) { outcome in
      sums.reconciliation.add(outcome.reconciliation)
      sums.undecided += outcome.tally?.undecided(outcome.meters) ?? []
      sums.rows += outcome.tally?.rows(outcome.meters) ?? []
    }
    // A cafe lies in one partition, so no row comes twice.
    sums.rows.sort { ($0.cafe, $0.game) < ($1.cafe, $1.game) }
    return sums
  }

  /// Goes through all partitions, each group's archive being read once.
  ///
  /// - Parameter tally: What each partition's lines are added to, from empty.
  private func forEachPartition(
    _ pace: Pace,
    tally: SettlementTally?,
    _ body: (PartitionPass.Outcome) -> Void
  ) async throws(ServiceFault) {
    for group in source.groups(of: live.partitions) {
      var passes: [Partition: PartitionPass] = [:]
      for partition in group {
        passes[partition] = PartitionPass(partition, source, live, pace, tally: tally)
      }
      try await source.forEachArchivedPage(in: group) {
        (page: [LedgerLine]) async throws(ServiceFault) in
        for line in page { passes[line.partition]?.take(line) }
        try await pace.rest(after: page.count)
      }
      for partition in group {
        guard let pass = passes.removeValue(forKey: partition) else { continue }
        body(try await pass.run())
      }
    }
  }

  private func alone<Result>(
    _ body: () async throws(ServiceFault) -> Result
  ) async throws(AdministrationError) -> Result {
    let isFree = isRunning.withLock { isRunning in
      defer { isRunning = true }
      return !isRunning
    }
    guard isFree else { throw .conflict("the ledger is being read already; try again later") }
    defer { isRunning.withLock { $0 = false } }
    do throws(ServiceFault) {
      return try await body()
    } catch {
      throw .fault(error)
    }
  }
}

/// What a way through all partitions gave.
private struct Sums {
  /// Sessions that a refusal names; the rest is counted.
  private static let mostNamed = 3

  var reconciliation = Reconciliation()
  var undecided: [String] = []
  var rows: [Settlement.Row] = []

  func demandCleanness() throws(AdministrationError) {
    guard !reconciliation.isClean else { return }
    throw .conflict(
      "the ledger is not clean: \(reconciliation.findingCount) findings, residual "
        + "\(reconciliation.residual.milliGCoin) mgcoin; playmeter reconcile lists them"
    )
  }

  func demandDecision(on month: Month) throws(AdministrationError) {
    guard !undecided.isEmpty else { return }
    let named = undecided.prefix(Self.mostNamed).joined(separator: ", ")
    let more = undecided.count - Self.mostNamed
    throw .conflict(
      "\(month) is not decided: \(undecided.count) sessions lived at its end and neither ended nor "
        + "went on paid since: \(named)\(more > 0 ? " and \(more) more" : "")"
    )
  }
}
