import Archive
import Domain
import Ledger

/// The archiver's work on one group of partitions, as long as it has the right to it.
struct GroupArchiving {
  /// Lines stay in Redis for one to two such times after they were archived, so that whoever reads
  /// archive and stream one after the other finds no gap between them.
  private static let kept: Duration = .seconds(30)
  /// Between two checkpoints; so much is read again after a crash.
  private static let checkpointInterval: Duration = .seconds(60)

  let group: ArchiveGroup
  /// When to try again after a fault.
  var retryAt: ContinuousClock.Instant?
  private let directory: ArchiveDirectory
  private var writer: ArchiveWriter?
  private var checkpointAt = ContinuousClock.now
  private var trimAt = ContinuousClock.now
  /// Where the partitions stood at the last trimming.
  private var archivedBefore: [Partition: String] = [:]
  /// Up to where each partition was trimmed.
  private var trimmed: [Partition: String] = [:]

  init(_ group: ArchiveGroup, _ directory: ArchiveDirectory) {
    self.group = group
    self.directory = directory
  }

  /// Whether this instance has the right to the group and its files open.
  var isWorking: Bool { writer != nil }

  /// The stream identifier of each partition's last archived line.
  var positions: [(partition: Partition, streamID: String?)] {
    group.partitions.map { ($0, writer?.lastLines[$0]?.line.streamID) }
  }

  /// Opens the files, if they are not, and returns the last lines that are found there.
  mutating func open() throws(LedgerFault) -> [LedgerLine] {
    guard writer == nil else { return [] }
    let opened = try ArchiveWriter(directory, group)
    writer = opened
    archivedBefore = [:]
    trimmed = [:]
    checkpointAt = .now + Self.checkpointInterval
    trimAt = .now + Self.kept
    return opened.lastLines.values.map(\.line)
  }

  /// Archives lines, and now and then notes how far.
  mutating func append(_ lines: [LedgerLine]) throws(LedgerFault) {
    guard let writer else { return }
    if !lines.isEmpty { try writer.append(lines) }
    guard ContinuousClock.now >= checkpointAt else { return }
    try writer.checkpoint()
    checkpointAt = .now + Self.checkpointInterval
  }

  /// What may be removed from Redis now: per partition the line to keep.
  mutating func trimmable(
    at now: ContinuousClock.Instant = .now
  ) -> [(partition: Partition, streamID: String)] {
    guard now >= trimAt else { return [] }
    trimAt = now + Self.kept
    let due = archivedBefore.filter { trimmed[$0.key] != $0.value }
    trimmed.merge(due) { _, new in new }
    archivedBefore = writer?.lastLines.mapValues(\.line.streamID) ?? [:]
    return due.map { (partition: $0.key, streamID: $0.value) }
  }

  /// Notes how far the archive is.
  func checkpoint() throws(LedgerFault) {
    try writer?.checkpoint()
  }

  /// Gives the files back.
  mutating func release() {
    writer = nil
  }
}
