import Archive
import Domain
import Ledger
import RedisStore

/// Brings Redis up to the archive; the work of `playmeter ledger restore`.
struct LedgerRestoration {
  /// What was done, or would be.
  struct Outcome: Equatable {
    /// Lines that Redis had forgotten.
    var lines: Int64 = 0
    /// Partitions that they belong to.
    var partitions = 0
  }

  let redis: RedisRestore
  let directory: ArchiveDirectory
  let partitionCount: Int

  /// Replays what Redis has forgotten. It may be stopped and repeated at any point.
  ///
  /// - Parameter isRehearsal: Count only, change nothing.
  /// - Throws: ``LedgerFault`` when the archive cannot be read, or when Redis has lines of its own
  ///   in place of archived ones: then no order of both is right, and nothing is changed.
  func restore(isRehearsal: Bool) async throws -> Outcome {
    var outcome = Outcome()
    for group in ArchiveGroup.all(partitionCount: partitionCount) {
      try await restore(group, isRehearsal, &outcome)
    }
    return outcome
  }

  private func restore(
    _ group: ArchiveGroup,
    _ isRehearsal: Bool,
    _ outcome: inout Outcome
  ) async throws {
    var check = ChainCheck()
    var positions: [Partition: RedisRestore.Position] = [:]
    for partition in group.partitions {
      positions[partition] = try await redis.position(of: partition)
    }
    // Everything is read and compared before anything is written.
    var missing: [Partition: Int64] = [:]
    try scan(group, &check) { line in
      guard let position = positions[line.partition] else { return }
      try compare(line.loss, position)
      if line.sequence == position.sequence { try compare(line, position) }
      if line.sequence > position.sequence { missing[line.partition, default: 0] += 1 }
    }
    outcome.lines += missing.values.reduce(0, +)
    outcome.partitions += missing.count
    guard !missing.isEmpty, !isRehearsal else { return }
    try await replay(group, missing.keys.sorted { $0.number < $1.number }, positions)
  }

  private func scan(
    _ group: ArchiveGroup,
    _ check: inout ChainCheck,
    _ body: (LedgerLine) throws -> Void
  ) throws {
    var cursor = ArchiveCursor(directory, group)
    while let sealed = try cursor.next() {
      try check.add(sealed)
      try body(sealed.line)
    }
  }

  private func compare(_ line: LedgerLine, _ position: RedisRestore.Position) throws {
    guard let stored = position.line, stored != line else { return }
    throw LedgerFault.broken(
      "partition \(line.partition.number): Redis has another seq \(line.sequence) than the "
        + "archive. Both have gone on since they parted, so neither can be brought up to the other"
    )
  }

  private func compare(_ loss: LedgerLoss?, _ position: RedisRestore.Position) throws {
    guard let loss, loss.numbers.contains(position.sequence) else { return }
    throw LedgerFault.broken(
      "partition \(loss.partition.number): Redis ends at seq \(position.sequence), but \(loss) was "
        + "accepted as lost, and the ledger has gone on since"
    )
  }

  private func replay(
    _ group: ArchiveGroup,
    _ partitions: [Partition],
    _ positions: [Partition: RedisRestore.Position]
  ) async throws {
    var batches: [Partition: [LedgerLine]] = [:]
    var cursor = ArchiveCursor(directory, group)
    while let line = try cursor.next()?.line {
      guard partitions.contains(line.partition),
        line.sequence > positions[line.partition]?.sequence ?? 0
      else { continue }
      batches[line.partition, default: []].append(line)
      if batches[line.partition, default: []].count == RedisRestore.batchSize {
        try await flush(&batches, line.partition)
      }
    }
    for partition in partitions { try await flush(&batches, partition) }
  }

  private func flush(
    _ batches: inout [Partition: [LedgerLine]],
    _ partition: Partition
  ) async throws {
    guard let batch = batches.removeValue(forKey: partition) else { return }
    _ = try await redis.replay(batch, in: partition)
  }
}
