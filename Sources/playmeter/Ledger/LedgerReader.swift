import Archive
import Domain
import Ledger
import RedisStore

/// Reads archive and stream as one: every line from the first to the latest, sealed, each partition
/// in order, in memory that does not grow with the ledger.
struct LedgerReader: Sendable {
  /// How often a group's archive is read on because Redis was trimmed meanwhile. Lines stay there
  /// for half a minute after they were archived, so once is mostly enough.
  static let tries = 10

  let ledger: RedisLedger
  let directory: ArchiveDirectory?
  let partitionCount: Int

  /// A reader; without a directory the whole ledger must still be in Redis.
  init(ledger: RedisLedger, directory: ArchiveDirectory?, partitionCount: Int) {
    self.ledger = ledger
    self.directory = directory.flatMap { $0.exists ? $0 : nil }
    self.partitionCount = partitionCount
  }

  /// Calls the body with every line of some partitions and the hash of the line before it.
  ///
  /// - Throws: ``LedgerFault`` when lines are missing or the archive cannot be read, `ServiceFault`
  ///   when Redis cannot, and whatever `body` throws.
  func forEachLine(
    in partitions: Set<Partition>? = nil,
    _ body: (SealedLine, _ previousHash: String) throws -> Void
  ) async throws {
    for group in ArchiveGroup.all(partitionCount: partitionCount) {
      let wanted = group.partitions.filter { partitions?.contains($0) ?? true }
      guard !wanted.isEmpty else { continue }
      try await read(group, wanted, body)
    }
  }

  private func read(
    _ group: ArchiveGroup,
    _ wanted: [Partition],
    _ body: (SealedLine, String) throws -> Void
  ) async throws {
    var progress = Progress()
    var cursor = directory.map { ArchiveCursor($0, group) }
    for _ in 0..<Self.tries {
      while let sealed = try cursor?.next() {
        guard wanted.contains(sealed.line.partition) else { continue }
        try progress.pass(sealed, body)
      }
      var isComplete = true
      for partition in wanted {
        isComplete = try await readStream(partition, &progress, body) && isComplete
      }
      if isComplete { return }
      guard cursor != nil else { break }
    }
    throw LedgerFault.broken(
      "the ledger of group \(group.name) has lines that are neither in Redis nor in "
        + archiveText
    )
  }

  /// The archive in words.
  var archiveText: String {
    directory.map { "the archive \($0.path)" } ?? "an archive: none is configured"
  }

  /// Whether the stream goes on where the archive ends.
  private func readStream(
    _ partition: Partition,
    _ progress: inout Progress,
    _ body: (SealedLine, String) throws -> Void
  ) async throws -> Bool {
    while true {
      let position = progress.positions[partition]
      let pages = try await ledger.pages(after: [(partition, position?.streamID)])
      guard let first = pages[0].first else { return true }
      guard first.follows(position?.sequence ?? 0) else { return false }
      for line in pages[0] {
        var chain = HashChain(after: progress.positions[partition]?.hash ?? HashChain.start)
        try progress.pass(chain.seal(line), body)
      }
      guard pages[0].count == RedisLedger.pageSize else { return true }
    }
  }
}

/// How far each partition was read.
private struct Progress {
  var positions: [Partition: ChainCheck.Position] = [:]

  /// Hands a line on, unless it was read already: a group's archive may be behind its stream.
  mutating func pass(_ sealed: SealedLine, _ body: (SealedLine, String) throws -> Void) throws {
    let line = sealed.line
    let last = positions[line.partition]
    guard line.sequence > last?.sequence ?? 0 else { return }
    try body(sealed, last?.hash ?? HashChain.start)
    positions[line.partition] = ChainCheck.Position(
      sequence: line.sequence,
      streamID: line.streamID,
      hash: sealed.hash
    )
  }
}
