import Archive
import Domain
import HTTPAPI
import Ledger
import Logging
import NIOCore
import NIOPosix
import RedisStore
import ServiceLifecycle
import Signatures
import Synchronization

/// Appends the ledger to the archive within a second of each line's writing, and removes from Redis
/// what is archived.
///
/// Every instance runs one; a lease in Redis lets one at a time work on a group of partitions. It
/// runs on a thread of its own, because the disk makes it wait.
final class LedgerArchiver: Service {
  /// Between two looks, so that a line is hashed well within a second of its writing.
  private static let interval: Duration = .milliseconds(400)
  /// How long a group is out of work when its instance dies.
  private static let lease: Duration = .seconds(10)
  /// How long a fault is left alone: a full disk or a damaged file needs a person.
  private static let pause: Duration = .seconds(5)

  private let ledger: RedisLedger
  private let directory: ArchiveDirectory
  private let watermark: LedgerWatermark
  private let metrics: LedgerMetrics
  private let logger: Logger
  private let holder = Hex.encode(RandomBytes.generate(count: 8))
  private let groups: [ArchiveGroup]
  private let faults = Mutex<[String: String]>([:])

  init(
    ledger: RedisLedger,
    directory: ArchiveDirectory,
    partitionCount: Int,
    watermark: LedgerWatermark,
    metrics: LedgerMetrics,
    logger: Logger
  ) {
    self.ledger = ledger
    self.directory = directory
    self.watermark = watermark
    self.metrics = metrics
    self.logger = logger
    groups = ArchiveGroup.all(partitionCount: partitionCount)
  }

  /// What keeps lines from being archived, in words; empty when nothing does.
  var currentFaults: [String] {
    faults.withLock { faults in faults.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Archives until graceful shutdown; what was read by then is written.
  func run() async throws {
    let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let executors = EventLoopExecutors(thread)
    await withTaskExecutorPreference(executors.executor(of: thread.next())) {
      await archiveUntilShutdown()
    }
    try await thread.shutdownGracefully()
  }

  private func archiveUntilShutdown() async {
    var works = groups.map { GroupArchiving($0, directory) }
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      for index in works.indices { await round(&works[index]) }
      tell(works)
      await cancelWhenGracefulShutdown {
        try? await Task.sleep(for: Self.interval)  // Ends early only to shut down.
      }
    }
    for index in works.indices { close(&works[index]) }
  }

  private func round(_ work: inout GroupArchiving) async {
    guard work.retryAt.map({ $0 <= .now }) ?? true else { return }
    do {
      try await archive(&work)
      work.retryAt = nil
      report(nil, of: work.group)
    } catch {
      work.release()
      work.retryAt = .now + Self.pause
      report("\(error)", of: work.group)
    }
  }

  private func archive(_ work: inout GroupArchiving) async throws {
    let first = work.group.partitions[0]
    let number = try await ledger.lease(first, holder: holder, duration: Self.lease)
    guard let number else { return work.release() }
    for line in try work.open() { watermark.note(archived: line) }
    var isMoreLeft = true
    while isMoreLeft, !Task.isCancelled {
      let pages = try await ledger.pages(after: work.positions)
      let lines = pages.flatMap(\.self)
      try work.append(lines)
      metrics.archived(lines)
      for last in pages.compactMap(\.last) { watermark.note(archived: last) }
      isMoreLeft = pages.contains { $0.count == RedisLedger.pageSize }
      for (partition, streamID) in work.trimmable() {
        let isOurs = try await ledger.trim(partition, keeping: streamID, number: number)
        guard isOurs else { return work.release() }
      }
      if isMoreLeft { _ = try await ledger.lease(first, holder: holder, duration: Self.lease) }
    }
  }

  /// Tells how far the archive is. What another instance archives is not this one's to tell.
  private func tell(_ works: [GroupArchiving]) {
    let failing = works.filter { $0.retryAt != nil }
    let own = works.filter { $0.isWorking || $0.retryAt != nil }
    let lag = watermark.unarchived(of: own.flatMap(\.group.partitions))
    metrics.looked(lag: lag, faultyGroups: failing.count)
  }

  private func close(_ work: inout GroupArchiving) {
    do throws(LedgerFault) {
      try work.checkpoint()
    } catch {
      logger.warning("archive checkpoint not written", metadata: ["fault": "\(error)"])
    }
    work.release()
  }

  private func report(_ fault: String?, of group: ArchiveGroup) {
    let before = faults.withLock { faults in
      defer { faults[group.name] = fault }
      return faults[group.name]
    }
    guard fault != before else { return }
    let metadata: Logger.Metadata = ["group": "\(group.name)", "fault": "\(fault ?? "")"]
    if fault != nil {
      logger.error("the ledger is not archived", metadata: metadata)
    } else {
      logger.notice("the ledger is archived again", metadata: ["group": "\(group.name)"])
    }
  }
}
