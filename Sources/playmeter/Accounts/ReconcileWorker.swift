import Domain
import Logging
import RedisStore
import ServiceLifecycle

/// Reconciles again and again, and says in the log and to the metrics what came of it.
///
/// Every instance runs one. The one that takes the turn of an interval does the work for all; a
/// turn that is lost with its instance comes back with the next interval.
final class ReconcileWorker: Service {
  /// The longest time from the start of the service to the first turn.
  private static let firstWithin: Duration = .seconds(60)
  /// Findings that the log shows in full; the command lists all.
  private static let mostLogged = 20

  private let accounts: LedgerAccounts
  private let turns: RedisTurns
  private let interval: Duration
  private let metrics: ReconcileMetrics
  private let logger: Logger

  init(
    accounts: LedgerAccounts,
    turns: RedisTurns,
    interval: Duration,
    metrics: ReconcileMetrics,
    logger: Logger
  ) {
    self.accounts = accounts
    self.turns = turns
    self.interval = interval
    self.metrics = metrics
    self.logger = logger
  }

  /// Reconciles until graceful shutdown, which does not wait for a turn: it only reads.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      // Instances that start together must not look for the turn together.
      await self.sleep(min(self.interval, Self.firstWithin) * Double.random(in: 0...1))
      while !Task.isCancelled {
        await self.turn()
        await self.sleep(self.interval * Double.random(in: 0.9...1.1))
      }
    }
  }

  private func sleep(_ duration: Duration) async {
    try? await Task.sleep(for: duration)  // Ends early only to shut down.
  }

  /// Reconciles, if the turn is still to be had.
  private func turn() async {
    do {
      // Less than the shortest pause between two looks, so that no interval is left out.
      guard try await turns.take("reconcile", for: interval * 0.8) else { return }
      let start = ContinuousClock.now
      let result = try await accounts.reconcile(.background)
      let duration = ContinuousClock.now - start
      metrics.ran(result, for: duration)
      report(result, duration)
    } catch {
      guard !Task.isCancelled else { return }
      metrics.failed()
      logger.warning("not reconciled", metadata: ["fault": "\(error)"])
    }
  }

  private func report(_ result: Reconciliation, _ duration: Duration) {
    let metadata: Logger.Metadata = [
      "sessions_checked": "\(result.sessionsChecked)", "cafes_checked": "\(result.cafesChecked)",
      "lines": "\(result.linesRead)", "residual_mgcoin": "\(result.residual.milliGCoin)",
      "findings": "\(result.findingCount)", "duration": "\(duration)",
    ]
    guard !result.isClean else {
      logger.notice("reconciled", metadata: metadata)
      return
    }
    logger.error("the ledger is not clean", metadata: metadata)
    for finding in result.findings.prefix(Self.mostLogged) {
      logger.error(
        "finding",
        metadata: [
          "invariant": "\(finding.invariant.rawValue)",
          "ids": "\(finding.ids.joined(separator: " "))", "finding": "\(finding.text)",
        ]
      )
    }
  }
}
