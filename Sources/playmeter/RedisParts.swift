import Archive
import Logging
import NIOPosix
import RedisClient
import RedisStore
import ServiceLifecycle

/// What the service needs of Redis: connections for requests, one on each event loop, and one each
/// for billing, reading the ledger and archiving, so that none of them waits for another. Where
/// replicas must acknowledge something, there is one more on each event loop for that.
struct RedisParts {
  let requirements: RedisRequirements
  let link: RedisLink
  let billingLink: RedisLink
  let accountsLink: RedisLink
  let hosts: RedisHosts
  let archiver: LedgerArchiver?
  /// Everything that keeps connections up.
  let clients: [any Service]

  /// The archiver, if there is an archive.
  var archiving: [any Service] { archiver.map { [$0] } ?? [] }

  init(_ configuration: Configuration, _ metrics: ServiceMetrics, _ logger: Logger) throws {
    let keys = Keys(configuration)
    let scripts = Scripts(configuration)
    let requirements = RedisRequirements(configuration)
    let watermark = try LedgerWatermark(configuration)
    // Without an archive nothing could bring a Redis up to date that went back in time.
    let preparation = RedisPreparation(
      requirements: requirements,
      scripts: scripts,
      watermark: configuration.archiveDirectory == nil ? nil : watermark,
      onForgotten: { lines in
        let directory = configuration.archiveDirectory
        try directory?.note(known: lines.known, of: lines.partition)
      }
    )
    func client(_ use: String, connections: Int?) -> RedisClient {
      RedisClient(
        configuration: configuration.redis,
        eventLoops: MultiThreadedEventLoopGroup.singleton,
        connectionCount: connections,
        logger: logger,
        metrics: metrics.redis(use, scripts),
        onConnect: preparation.prepare
      )
    }
    // One for each event loop, as for requests, of which these are some.
    let replicated =
      configuration.replicaCount > 0 ? client("replicated", connections: nil) : nil
    let replication = replicated.map {
      Replication(client: $0, count: configuration.replicaCount)
    }
    func link(_ use: String, connections: Int?) -> RedisLink {
      RedisLink(
        client: client(use, connections: connections),
        keys: keys,
        scripts: scripts,
        watermark: watermark,
        replication: replication
      )
    }
    let archive = configuration.archiveDirectory.map { ($0, link("archive", connections: 1)) }
    self.requirements = requirements
    self.link = link("requests", connections: nil)
    billingLink = link("billing", connections: 1)
    accountsLink = link("accounts", connections: 1)
    hosts = RedisHosts(link: self.link, limits: configuration.matchLimits)
    clients =
      [self.link.client, billingLink.client, accountsLink.client]
      + (archive.map { [$0.1.client] } ?? []) + (replicated.map { [$0] } ?? [])
    archiver = archive.map { directory, link in
      LedgerArchiver(
        ledger: RedisLedger(link: link),
        directory: directory,
        partitionCount: configuration.partitionCount,
        watermark: watermark,
        metrics: metrics.ledger(),
        logger: logger
      )
    }
  }
}
