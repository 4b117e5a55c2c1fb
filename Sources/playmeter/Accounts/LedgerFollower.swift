import Domain

/// Reads a partition's ledger up to given line numbers, each line once.
struct LedgerFollower {
  private let source: any LedgerSource
  private let partition: Partition
  /// The latest line that was read.
  private var position: String?
  /// The number of the latest line that was handed out.
  private var sequence: Int64 = 0
  /// Lines that were read but not asked for yet.
  private var ahead: ArraySlice<LedgerLine> = []

  init(_ source: any LedgerSource, _ partition: Partition) {
    self.source = source
    self.partition = partition
  }

  /// Takes note that a line was read by other means; it must follow the one before.
  mutating func pass(_ line: LedgerLine) {
    position = line.streamID
    sequence = line.sequence
  }

  /// Hands out, page by page, every line up to the one with this number; fewer when the ledger ends
  /// before it.
  mutating func advance(
    to last: Int64,
    _ take: (ArraySlice<LedgerLine>) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    try await hand(out: ahead, last, take)
    guard sequence < last else { return }
    try await source.forEachPage(in: partition, after: position) {
      (page: [LedgerLine]) async throws(ServiceFault) in
      position = page.last?.streamID
      try await hand(out: ahead + page, last, take)
    }
  }

  private mutating func hand(
    out lines: ArraySlice<LedgerLine>,
    _ last: Int64,
    _ take: (ArraySlice<LedgerLine>) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    let wanted = lines.prefix { $0.sequence <= last }
    ahead = lines.dropFirst(wanted.count)
    guard let latest = wanted.last else { return }
    sequence = latest.sequence
    try await take(wanted)
  }
}
