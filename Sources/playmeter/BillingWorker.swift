import Domain
import Logging
import RedisStore
import ServiceLifecycle
import Synchronization

/// Bills what is due, in every partition, at least once a second of real time.
///
/// Every instance runs one; several at once are harmless, because the script decides what is due
/// and a step that was done is due no more. Stopping it at any point loses nothing.
final class BillingWorker: Service {
  /// Partitions worked on at once. What players ask meanwhile waits in Redis, which does one thing
  /// after the other, for their batches of 2 ms each.
  private static let width = 4
  /// The longest time between two looks.
  private static let longestInterval: Duration = .seconds(1)

  /// What the worker knows of itself, for readiness.
  struct Status: Sendable {
    /// When a partition was last looked at, with or without a fault.
    var turnedAt: ContinuousClock.Instant?
    /// When all partitions were last looked at without a fault.
    var completedAt: ContinuousClock.Instant?
    /// How long the oldest entry that is still waiting has been due.
    var lag: Duration = .zero
    /// By how much the clock of Redis lags the highest time it has shown.
    var clockLag: Duration = .zero
    /// What went wrong in the latest round.
    var fault: String?
  }

  private let billing: RedisBilling
  private let interval: Duration
  private let metrics: BillingMetrics
  private let logger: Logger
  private let state = Mutex(Status())

  /// A worker; the tick shortens the time between two looks where it is below four seconds.
  init(billing: RedisBilling, tick: Duration, metrics: BillingMetrics, logger: Logger) {
    self.billing = billing
    self.metrics = metrics
    self.interval = max(.milliseconds(50), min(Self.longestInterval, tick / 4))
    self.logger = logger
  }

  /// The latest status.
  var status: Status { state.withLock { $0 } }

  /// Bills until graceful shutdown; a round that is under way is finished.
  func run() async throws {
    // At once, because the service is not ready before.
    await round(over: .zero)
    while !Task.isShuttingDownGracefully, !Task.isCancelled { await round(over: interval) }
  }

  /// Looks at every partition once, one after the other over the whole time: were all looked at
  /// together, what players ask then would wait for a whole second's debits.
  private func round(over time: Duration) async {
    let partitions = billing.partitions
    let start = ContinuousClock.now
    var outcomes: [Outcome] = []
    await withTaskGroup(of: Outcome.self) { group in
      for (index, partition) in partitions.enumerated() {
        if index >= Self.width, let outcome = await group.next() { outcomes.append(outcome) }
        await wait(until: start + time * index / partitions.count)
        group.addTask { await self.work(off: partition) }
      }
      for await outcome in group { outcomes.append(outcome) }
    }
    record(outcomes)
    await wait(until: start + time)
  }

  /// Waits, but not when the service is about to stop.
  private func wait(until time: ContinuousClock.Instant) async {
    guard ContinuousClock.now < time else { return }
    await cancelWhenGracefulShutdown {
      try? await Task.sleep(until: time)  // Ends early only to shut down.
    }
  }

  /// What came of one partition: its last batch, and how late its most delayed entry was.
  private typealias Outcome = Result<(last: BillingBatch, lag: Duration), ServiceFault>

  /// Steps batches of one partition until nothing more is due.
  private func work(off partition: Partition) async -> Outcome {
    var lag = Duration.zero
    while true {
      defer { state.withLock { $0.turnedAt = .now } }
      do throws(ServiceFault) {
        let batch = try await billing.step(partition)
        lag = max(lag, batch.lag)
        metrics.stepped(batch.entries)
        report(batch, of: partition)
        if !batch.isFull || Task.isCancelled { return .success((batch, lag)) }
      } catch {
        return .failure(error)
      }
    }
  }

  private func report(_ batch: BillingBatch, of partition: Partition) {
    for entry in batch.setAside {
      logger.error(
        "billing entry set aside",
        metadata: [
          "entry": "\(entry.entry)", "fault": "\(entry.fault)",
          "partition": "\(partition.number)",
        ]
      )
    }
    for cafe in batch.silentCafes {
      logger.warning("a whole cafe has fallen silent", metadata: ["cafe_id": "\(cafe)"])
    }
    guard batch.entries > 0 else { return }
    logger.debug(
      "billed",
      metadata: [
        "partition": "\(partition.number)", "entries": "\(batch.entries)",
        "closed": "\(batch.closed)", "debited_mgcoin": "\(batch.debited.milliGCoin)",
        "lag": "\(batch.lag)",
      ]
    )
  }

  private func record(_ outcomes: [Outcome]) {
    let looks = outcomes.compactMap { try? $0.get() }
    let batches = looks.map(\.last)
    let fault = outcomes.lazy
      .compactMap { outcome -> ServiceFault? in
        if case .failure(let fault) = outcome { fault } else { nil }
      }
      .first
    metrics.roundEnded(lag: fault == nil ? looks.map(\.lag).max() ?? .zero : nil)
    let before = state.withLock { state in
      defer {
        state.lag = batches.filter(\.isFull).map(\.lag).max() ?? .zero
        state.clockLag = batches.map(\.clockLag).max() ?? state.clockLag
        state.fault = fault.map { "\($0)" }
        if fault == nil { state.completedAt = .now }
      }
      return state.fault
    }
    if let fault, before == nil {
      logger.error("billing stands still", metadata: ["fault": "\(fault)"])
    } else if fault == nil, before != nil {
      logger.notice("billing goes on")
    }
  }
}
