import Archive
import Domain
import Ledger
import RedisStore
import Support

@testable import playmeter

/// The installation's ledger, in Redis and on the disk.
extension Installation {
  /// A partition's lines, from archive and Redis as one.
  func ledgerLines(in partition: Partition) async throws -> [LedgerLine] {
    let directory = ArchiveDirectory(path: redis.archivePath)
    let reader = LedgerReader(
      ledger: RedisLedger(link: link),
      directory: directory,
      partitionCount: Self.partitionCount
    )
    var lines: [LedgerLine] = []
    try await reader.forEachLine(in: [partition]) { sealed, _ in lines.append(sealed.line) }
    return lines
  }

  /// Waits until every line that Redis has is on the disk.
  func waitUntilArchived() async throws {
    let directory = ArchiveDirectory(path: redis.archivePath)
    try await Waiting.until("the archive to be up to date", within: .seconds(20)) {
      var missing = 0
      let last = try directory.lastLines(partitionCount: Self.partitionCount)
      for partition in link.keys.partitions + [link.keys.gamesPartition] {
        let sequence = last.first { $0.line.partition == partition }?.line.sequence ?? 0
        let lines = try await ledgerLines(in: partition)
        if lines.last?.sequence ?? 0 > sequence { missing += 1 }
      }
      return missing == 0
    }
  }
}
