import Archive
import Domain
import HTTPAPI
import Ledger
import Logging
import NIOPosix
import RedisClient
import RedisStore

/// The wiring of the commands: settings become a connection to Redis and the port that works on it.
extension Playmeter {
  /// How long a command waits for Redis before it gives up; also what a person waits for an error.
  private static let connectLimit = Duration.seconds(2)

  /// Gives `body` the operator's port on Redis, and closes the connection after it.
  ///
  /// - Throws: `RedisError` when no Redis that the service may bill on answers in time, and
  ///   whatever `body` throws.
  static func withAdministration(
    _ configuration: Configuration,
    _ body: (any Administration) async throws -> Void
  ) async throws {
    let secrets = LauncherSecrets(masterKeys: configuration.masterKeys.revealed)
    try await withLink(configuration) { link in
      let ledger = ledger(configuration, link)
      try await body(RedisAdministration(link: link, secrets: secrets, ledger: ledger))
    }
  }

  /// Gives `body` the registry of hosts, like ``withAdministration(_:_:)``.
  static func withHosts(
    _ configuration: Configuration,
    _ body: (any HostRegistry) async throws -> Void
  ) async throws {
    try await withLink(configuration) { link in
      try await body(RedisHosts(link: link, limits: configuration.matchLimits))
    }
  }

  /// Gives `body` the whole ledger, like ``withAdministration(_:_:)``.
  static func withLedger(
    _ configuration: Configuration,
    _ body: (LedgerReader) async throws -> Void
  ) async throws {
    try await withLink(configuration) { link in
      try await body(ledger(configuration, link))
    }
  }

  /// Gives `body` the restoration of a Redis that may have gone back in time, and what is known of
  /// the ledger outside it.
  static func withUnexaminedLedger(
    _ configuration: Configuration,
    _ body: (RedisRestore, LedgerWatermark) async throws -> Void
  ) async throws {
    let known = try LedgerWatermark(configuration)
    try await withLink(configuration, watermark: nil) { link in
      try await body(RedisRestore(link: link), known)
    }
  }

  /// Where the lines of the ledger are read, by commands and by the service.
  static func ledger(_ configuration: Configuration, _ link: RedisLink) -> LedgerReader {
    LedgerReader(
      ledger: RedisLedger(link: link),
      directory: configuration.archiveDirectory,
      partitionCount: configuration.partitionCount
    )
  }

  /// Gives `body` the accounts, like ``withAdministration(_:_:)``.
  static func withAccounting(
    _ configuration: Configuration,
    _ body: (any Accounting) async throws -> Void
  ) async throws {
    try await withLink(configuration) { link in
      try await body(LedgerAccounts(configuration, link))
    }
  }

  /// Gives `body` a way to a Redis that the service may bill on.
  private static func withLink(
    _ configuration: Configuration,
    _ body: (RedisLink) async throws -> Void
  ) async throws {
    try await withLink(configuration, watermark: LedgerWatermark(configuration), body)
  }

  private static func withLink(
    _ configuration: Configuration,
    watermark: LedgerWatermark?,
    _ body: (RedisLink) async throws -> Void
  ) async throws {
    let scripts = Scripts(configuration)
    let preparation = RedisPreparation(
      requirements: RedisRequirements(configuration),
      scripts: scripts,
      watermark: watermark
    )
    let client = client(configuration, onConnect: preparation.prepare)
    let replicas = configuration.replicaCount
    let link = RedisLink(
      client: client,
      keys: Keys(configuration),
      scripts: scripts,
      replication: replicas > 0 ? Replication(client: client, count: replicas) : nil
    )
    try await whileConnected(client) { try await body(link) }
  }

  /// Gives `body` a client on one connection to Redis, fit to bill on or not.
  static func withRedis<Result>(
    _ configuration: Configuration,
    _ body: (RedisClient) async throws -> Result
  ) async throws -> Result {
    let client = client(configuration)
    return try await whileConnected(client) { try await body(client) }
  }

  /// One connection is enough for a command. Its failures are the command's own to report, so
  /// nothing is logged.
  private static func client(
    _ configuration: Configuration,
    onConnect: (@Sendable (RedisConnection) async throws -> Void)? = nil
  ) -> RedisClient {
    RedisClient(
      configuration: configuration.redis,
      eventLoops: MultiThreadedEventLoopGroup.singleton,
      connectionCount: 1,
      logger: Logger(label: "playmeter") { _ in SwiftLogNoOpLogHandler() },
      onConnect: onConnect
    )
  }

  /// Keeps the client running while `body` works with it.
  private static func whileConnected<Result>(
    _ client: RedisClient,
    _ body: () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { group.cancelAll() }
      try await client.waitUntilConnected(within: connectLimit)
      return try await body()
    }
  }
}

extension Scripts {
  /// The scripts of the settings.
  init(_ configuration: Configuration) {
    self.init(timings: configuration.timings, keepsNotices: configuration.webhook != nil)
  }
}

extension LedgerAccounts {
  /// The accounts of the settings, over a link.
  convenience init(_ configuration: Configuration, _ link: RedisLink) {
    self.init(
      source: Playmeter.ledger(configuration, link),
      live: RedisLiveState(link: link),
      timeZone: configuration.settlementTimeZone
    )
  }
}

extension Keys {
  /// The key layout of the settings.
  init(_ configuration: Configuration) {
    self.init(prefix: configuration.redisPrefix, partitionCount: configuration.partitionCount)
  }
}

extension LedgerWatermark {
  /// What the archive of the settings knows of the ledger. Where no directory is yet, nothing was
  /// archived.
  convenience init(_ configuration: Configuration) throws(LedgerFault) {
    self.init()
    guard let directory = configuration.archiveDirectory, directory.exists else { return }
    for last in try directory.lastLines(partitionCount: configuration.partitionCount) {
      note(archived: last.line)
    }
    for (partition, number) in try directory.knownNumbers() { note(number, of: partition) }
  }
}

extension RedisRequirements {
  /// What the settings demand of Redis.
  init(_ configuration: Configuration) {
    self.init(
      durability: configuration.durability,
      replicas: configuration.replicaCount,
      keys: Keys(configuration)
    )
  }
}
