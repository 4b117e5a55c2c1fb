import Domain
import Ledger
import RedisStore

/// One way through a partition: its whole ledger, then what Redis holds beside it.
///
/// Each look at Redis tells after which line it was taken. The audit is brought to exactly that
/// line before the comparison, so nothing that the billing worker does meanwhile looks like a
/// fault, and nothing has to be looked at twice.
struct PartitionPass {
  private let partition: Partition
  private let live: RedisLiveState
  private let pace: Pace
  private var follower: LedgerFollower
  private var audit: PartitionAudit
  private var meters: [String: LiveMeter] = [:]
  private var tally: SettlementTally?

  /// A pass that has read nothing.
  ///
  /// - Parameter tally: Takes in the same lines, if there is one.
  init(
    _ partition: Partition,
    _ source: any LedgerSource,
    _ live: RedisLiveState,
    _ pace: Pace,
    tally: SettlementTally? = nil
  ) {
    self.partition = partition
    self.live = live
    self.pace = pace
    self.tally = tally
    follower = LedgerFollower(source, partition)
    audit = PartitionAudit(of: partition)
  }

  /// What a pass gave.
  struct Outcome {
    /// What was checked and found.
    let reconciliation: Reconciliation
    /// The meters of the sessions that live.
    let meters: [String: LiveMeter]
    /// The tally that was given, with the partition's lines in it.
    let tally: SettlementTally?
  }

  /// Takes in the next line of the partition, so that ``run()`` need not read it.
  mutating func take(_ line: LedgerLine) {
    follower.pass(line)
    audit.add(line)
    tally?.add(line)
  }

  /// Reads and compares everything that was not taken in before.
  consuming func run() async throws(ServiceFault) -> Outcome {
    try await advance(to: try await live.cafes([], in: partition).sequence)
    try await compareCafes()
    try await compareSessions()
    try await readTheRest()
    return Outcome(reconciliation: audit.result, meters: meters, tally: tally)
  }

  /// Nothing may stand in the ledger that the store has not counted.
  private mutating func readTheRest() async throws(ServiceFault) {
    try await take(upTo: .max)
    let counted = try await live.cafes([], in: partition).sequence
    if counted < audit.sequence { audit.check(storedSequence: counted) }
  }

  private mutating func advance(to sequence: Int64) async throws(ServiceFault) {
    try await take(upTo: sequence)
    audit.check(storedSequence: sequence)
  }

  private mutating func take(upTo sequence: Int64) async throws(ServiceFault) {
    let pace = pace
    try await follower.advance(to: sequence) {
      (lines: ArraySlice<LedgerLine>) async throws(ServiceFault) in
      for line in lines {
        audit.add(line)
        tally?.add(line)
      }
      try await pace.rest(after: lines.count)
    }
  }

  private mutating func compareCafes() async throws(ServiceFault) {
    let listed = try await live.cafeIDs(in: partition)
    let cafes = Set(listed + audit.cafes).sorted()
    audit.expect(cafes: cafes.count)
    for batch in cafes.batches(of: RedisLiveState.batch) {
      let look = try await live.cafes(batch, in: partition)
      try await advance(to: look.sequence)
      for cafe in look.rows { audit.check(cafe) }
    }
  }

  /// First those that live in the ledger, then whatever else Redis takes for living.
  private mutating func compareSessions() async throws(ServiceFault) {
    var seen = Set(audit.openSessions)
    let open = seen.sorted().map { RedisLiveState.Candidate(id: $0) }
    try await compare(open)
    try await live.forEachCandidate(in: partition, of: audit.cafes.sorted()) {
      (page: [RedisLiveState.Candidate]) async throws(ServiceFault) in
      try await compare(page.filter { seen.insert($0.id).inserted })
    }
  }

  private mutating func compare(
    _ candidates: [RedisLiveState.Candidate]
  ) async throws(ServiceFault) {
    for batch in candidates.batches(of: RedisLiveState.batch) {
      let look = try await live.sessions(batch, in: partition)
      try await advance(to: look.sequence)
      for session in look.rows {
        audit.check(session)
        meters[session.id] = session.meter
      }
      try await pace.rest(after: batch.count)
    }
  }
}

extension Array {
  /// The same elements in arrays of at most `count`.
  fileprivate func batches(of count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count)
      .map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
