import Domain
import RedisClient
import RedisStore
import Synchronization

/// Whether this instance may serve: Redis there and fit, games read, billing up to date.
final class ServiceReadiness: Readiness {
  /// How long an examination of Redis counts, so that probes cost one INFO a second at most.
  private static let examinationCounts: Duration = .seconds(1)
  /// Ticks by which billing may be behind.
  private static let ticksBehind = 2

  private struct Examination {
    var faults: [String]
    var at: ContinuousClock.Instant
  }

  private let client: RedisClient
  private let requirements: RedisRequirements
  private let catalog: RedisGameCatalog
  private let worker: BillingWorker
  private let archiver: LedgerArchiver?
  private let tick: Duration
  private let latest = Mutex<Examination?>(nil)

  init(
    client: RedisClient,
    requirements: RedisRequirements,
    catalog: RedisGameCatalog,
    worker: BillingWorker,
    archiver: LedgerArchiver?,
    tick: Duration
  ) {
    self.client = client
    self.requirements = requirements
    self.catalog = catalog
    self.worker = worker
    self.archiver = archiver
    self.tick = tick
  }

  func faults() async -> [String] {
    var faults = await redisFaults()
    // Without Redis everything else is wrong too; the one cause says it better.
    guard faults.isEmpty else { return faults }
    if !client.isConnected { faults.append("Redis: not every connection is up yet") }
    if !catalog.isLoaded { faults.append("the games were not read yet") }
    let archiveFaults = archiver?.currentFaults ?? []
    return faults + billingFaults() + archiveFaults.map { "the ledger is not archived: \($0)" }
  }

  private func redisFaults() async -> [String] {
    let known = latest.withLock { $0 }
    if let known, ContinuousClock.now - known.at < Self.examinationCounts { return known.faults }
    let faults = await requirements.faults(of: client)
    // Without a connection nothing was examined, and the next attempt may say more.
    if client.isConnected { latest.withLock { $0 = Examination(faults: faults, at: .now) } }
    return faults
  }

  private func billingFaults() -> [String] {
    let status = worker.status
    guard let completedAt = status.completedAt else {
      return ["billing has not looked at every partition yet"]
    }
    if let fault = status.fault { return ["billing stands still: \(fault)"] }
    var faults: [String] = []
    let allowed = max(tick * Self.ticksBehind, .seconds(5))
    let behind = max(status.lag, ContinuousClock.now - completedAt)
    if behind > allowed {
      faults.append("billing is \(behind.components.seconds) s behind")
    }
    if status.clockLag > .seconds(5) {
      faults.append(
        "the clock of Redis went back by \(status.clockLag.components.seconds) s; nobody new is "
          + "admitted until it has caught up"
      )
    }
    return faults
  }
}
