import Archive
import Domain
import HTTPAPI
import Logging
import NIOPosix
import RedisClient
import RedisStore
import ServiceLifecycle
import TLS
import UnixSignals

/// The wiring of the running service.
extension Playmeter {
  /// How long requests in flight and the running batch may take after SIGTERM. What is left is cut
  /// off then, and connections to Redis take up to two seconds more: the service promises ten.
  private static let drainLimit = Duration.seconds(7)

  /// Runs the service until SIGTERM or SIGINT: stops accepting, answers what is in flight, finishes
  /// the running batch, closes, all within 10 s. A second signal ends it at once.
  ///
  /// - Throws: ``UnfitRedis`` when this Redis was first used with another count of partitions, or
  ///   no archive is set where one is needed; `LedgerFault` when the archive cannot be read;
  ///   ``ConfigurationError`` when a file of TLS or a socket that was passed to us cannot be used.
  static func serve(_ configuration: Configuration) async throws {
    let logger = Logger(label: "playmeter")
    let sockets = try PassedSockets()
    logger.notice("starting", metadata: ["settings": "\(configuration)"])
    let metrics = ServiceMetrics()
    let tls = try ServiceTLS(configuration, metrics.tls)
    try await refuseOtherPartitions(configuration)

    if let fault = configuration.missingArchive { throw UnfitRedis(faults: [fault]) }
    try configuration.archiveDirectory?.create()
    let redis = try RedisParts(configuration, metrics, logger)
    let catalog = RedisGameCatalog(link: redis.link, logger: logger)
    let worker = BillingWorker(
      billing: RedisBilling(link: redis.billingLink),
      tick: configuration.timings.billingTick,
      metrics: metrics.billing,
      logger: logger
    )
    let readiness = ServiceReadiness(
      client: redis.link.client,
      requirements: redis.requirements,
      catalog: catalog,
      worker: worker,
      archiver: redis.archiver,
      tick: configuration.timings.billingTick
    )
    let gate = ListeningGate(listeners: 2)
    let listening = Listening(
      configuration,
      sockets: sockets,
      metrics: metrics,
      gate: gate,
      tls: tls,
      logger: logger
    )
    let listeners = listeners(configuration, redis, catalog, readiness, listening)
    let sweeper = HostSweeper(hosts: redis.hosts, logger: logger)
    let workers: [any Service] =
      [CertificateReloader(tls: tls, logger: logger), catalog, worker, sweeper] + redis.archiving
      + webhook(configuration, redis, metrics.webhook, logger)
      + reconciler(configuration, redis.accountsLink, metrics.reconcile, logger)
      + metrics.samplers(
        of: redis.link,
        readiness: readiness,
        on: MultiThreadedEventLoopGroup.singleton,
        logger: logger
      )
    let supervision = SystemdNotifier()
      .map { notifier in
        Supervision(
          notifier: notifier,
          readiness: readiness,
          worker: worker,
          listening: gate.opened
        )
      }
    try await run(redis.clients + workers + listeners + (supervision.map { [$0] } ?? []), logger)
  }

  private static func webhook(
    _ configuration: Configuration,
    _ redis: RedisParts,
    _ metrics: WebhookMetrics,
    _ logger: Logger
  ) -> [any Service] {
    guard let endpoint = configuration.webhook?.revealed else { return [] }
    let notices = RedisNotices(link: redis.link)
    return [
      WebhookSender(notices: notices, endpoint: endpoint, metrics: metrics, logger: logger)
    ]
  }

  /// The worker that reconciles; none when that is off. Its accounts are its own, so that it and
  /// operators do not wait for each other.
  private static func reconciler(
    _ configuration: Configuration,
    _ link: RedisLink,
    _ metrics: ReconcileMetrics,
    _ logger: Logger
  ) -> [any Service] {
    switch configuration.reconcileInterval {
    case .off: []
    case .every(let interval):
      [
        ReconcileWorker(
          accounts: LedgerAccounts(configuration, link),
          turns: RedisTurns(link: link),
          interval: interval,
          metrics: metrics,
          logger: logger
        )
      ]
    }
  }

  /// Services stop in reverse order: first the listeners, last what they need.
  private static func run(_ services: [any Service], _ logger: Logger) async throws {
    var group = ServiceGroupConfiguration(
      services: services,
      gracefulShutdownSignals: [.sigterm, .sigint],
      logger: logger
    )
    group.maximumGracefulShutdownDuration = drainLimit
    let services = ServiceGroup(configuration: group)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await SecondSignal(logger: logger).listen() }
      tasks.addTask { await StartMemory.giveBackLater() }
      defer { tasks.cancelAll() }
      try await services.run()
    }
    logger.notice("stopped")
  }

  private static func listeners(
    _ configuration: Configuration,
    _ redis: RedisParts,
    _ catalog: RedisGameCatalog,
    _ readiness: ServiceReadiness,
    _ listening: Listening
  ) -> [any Service] {
    let secrets = LauncherSecrets(masterKeys: configuration.masterKeys.revealed)
    let publicAPI = PublicAPI(
      gameSessions: RedisGameSessions(link: redis.link),
      launcherSessions: RedisLauncherSessions(link: redis.link, secrets: secrets),
      catalog: catalog,
      readiness: readiness,
      timings: configuration.timings,
      partitionCount: configuration.partitionCount,
      trustedProxies: configuration.trustedProxies,
      masterKeys: configuration.masterKeys.revealed,
      hosts: HostAPI(
        registry: redis.hosts,
        matchmaker: redis.hosts,
        settings: configuration.hosts.revealed
      ),
      limits: configuration.requestLimits,
      listener: listening.publicListener
    )
    let managementAPI = ManagementAPI(
      administration: RedisAdministration(
        link: redis.link,
        secrets: secrets,
        ledger: ledger(configuration, redis.accountsLink)
      ),
      accounting: LedgerAccounts(configuration, redis.accountsLink),
      hosts: redis.hosts,
      readiness: readiness,
      metrics: listening.metrics.exposition,
      adminTokens: [configuration.adminToken, configuration.adminTokenPrevious]
        .compactMap { $0?.revealed },
      limits: configuration.requestLimits,
      adminNeedsCertificate: configuration.listenerFiles?.adminNeedsCertificate ?? false,
      listener: listening.managementListener
    )
    // The last one stops first: nobody new comes in, while operators can still look.
    return [managementAPI, publicAPI]
  }

  /// Waiting never mends a wrong count of partitions, so the start is refused. A Redis that does
  /// not answer yet is waited for later.
  private static func refuseOtherPartitions(_ configuration: Configuration) async throws {
    let requirements = RedisRequirements(configuration)
    let fault = try? await withRedis(configuration) { await requirements.permanentFault(of: $0) }
    if let fault = fault ?? nil { throw UnfitRedis(faults: [fault]) }
  }
}
