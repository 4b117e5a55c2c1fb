import Archive
import Domain
import Ledger
import RedisStore

/// Pages of one partition's lines, for whoever computes from them.
extension LedgerReader: LedgerSource {
  func forEachPage(
    in partition: Partition,
    after streamID: String?,
    _ body: ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    var place = ReadingPlace(after: streamID)
    var cursor = try await archiveCursor(partition, place)
    for _ in 0..<Self.tries {
      try await readArchive(&cursor, &place, body)
      if try await readStream(partition, &place, body) { return }
      guard cursor != nil else { break }
    }
    throw .damagedLedger(
      "the ledger of partition \(partition.number) has lines that are neither in Redis nor in "
        + "\(archiveText): \(Self.remedy)"
    )
  }

  private static let remedy =
    "put the missing files back from a copy (RUNBOOK.md, \"The archive is lost\") and try again"

  func groups(of partitions: [Partition]) -> [[Partition]] {
    ArchiveGroup.all(partitionCount: partitionCount)
      .map { $0.partitions.filter(partitions.contains) }
      .filter { !$0.isEmpty }
  }

  func forEachArchivedPage(
    in partitions: [Partition],
    _ body: ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    guard let directory else { return }
    let wanted = Set(partitions)
    for group in ArchiveGroup.all(partitionCount: partitionCount)
    where !wanted.isDisjoint(with: group.partitions) {
      var cursor: ArchiveCursor? = ArchiveCursor(directory, group)
      var page: [LedgerLine] = []
      while let line = try nextLine(&cursor) {
        guard wanted.contains(line.partition) else { continue }
        page.append(line)
        guard page.count == RedisLedger.pageSize else { continue }
        try await body(page)
        page.removeAll(keepingCapacity: true)
      }
      if !page.isEmpty { try await body(page) }
    }
  }

  /// A cursor, unless all that is wanted is still in Redis.
  private func archiveCursor(
    _ partition: Partition,
    _ place: ReadingPlace
  ) async throws(ServiceFault) -> ArchiveCursor? {
    guard let directory, let group = group(of: partition) else { return nil }
    let first = try await ledger.first(in: partition)
    if let first, first.sequence == 1 || !place.wants(first) { return nil }
    return ArchiveCursor(directory, group, only: partition)
  }

  private func group(of partition: Partition) -> ArchiveGroup? {
    ArchiveGroup.all(partitionCount: partitionCount).first { $0.partitions.contains(partition) }
  }

  private func readArchive(
    _ cursor: inout ArchiveCursor?,
    _ place: inout ReadingPlace,
    _ body: ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    var page: [LedgerLine] = []
    while let line = try nextLine(&cursor) {
      guard place.wants(line) else {
        place.pass(line)
        continue
      }
      place.pass(line)
      page.append(line)
      if page.count == RedisLedger.pageSize {
        try await body(page)
        page.removeAll(keepingCapacity: true)
      }
    }
    if !page.isEmpty { try await body(page) }
  }

  private func nextLine(_ cursor: inout ArchiveCursor?) throws(ServiceFault) -> LedgerLine? {
    do throws(LedgerFault) {
      return try cursor?.next()?.line
    } catch {
      throw .damagedLedger("\(error): \(Self.remedy)")
    }
  }

  /// Whether the stream goes on where the archive ends.
  private func readStream(
    _ partition: Partition,
    _ place: inout ReadingPlace,
    _ body: ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) -> Bool {
    while true {
      let page = try await ledger.pages(after: [(partition, place.streamID)])[0]
      guard let first = page.first, let last = page.last else { return true }
      guard place.isFollowed(by: first) else { return false }
      try await body(page)
      place.pass(last)
      guard page.count == RedisLedger.pageSize else { return true }
    }
  }
}

/// Up to where a partition was read.
private struct ReadingPlace {
  private(set) var streamID: String?
  /// The number of the last line that was read; nil before the first.
  private var sequence: Int64?

  init(after streamID: String?) {
    self.streamID = streamID
  }

  /// Whether the line is behind the place: identifiers are a time and a number.
  func wants(_ line: LedgerLine) -> Bool {
    guard let streamID else { return true }
    let (now, other) = (Self.parts(streamID), Self.parts(line.streamID))
    return other.time == now.time ? other.number > now.number : other.time > now.time
  }

  /// Whether nothing is missing before a line of the stream. Where reading began behind a line that
  /// was not read, nobody can tell, and the caller has made sure that the stream goes back so far.
  func isFollowed(by line: LedgerLine) -> Bool {
    guard let sequence else { return streamID != nil || line.follows(0) }
    return line.follows(sequence)
  }

  mutating func pass(_ line: LedgerLine) {
    sequence = line.sequence
    if wants(line) { streamID = line.streamID }
  }

  private static func parts(_ streamID: String) -> (time: Int64, number: Int64) {
    let parts = streamID.split(separator: "-")
    return (
      parts.first.flatMap { Int64($0) } ?? 0, parts.dropFirst().first.flatMap { Int64($0) } ?? 0
    )
  }
}
