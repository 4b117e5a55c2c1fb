import Domain
import HTTPAPI
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

  /// Where the lines of the ledger are read, by commands and by the service.
  static func ledger(_ configuration: Configuration, _ link: RedisLink) -> any LedgerSource {
    RedisLedger(link: link)
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
    let scripts = Scripts(timings: configuration.timings)
    let preparation = RedisPreparation(
      requirements: RedisRequirements(configuration),
      scripts: scripts
    )
    let client = client(configuration, onConnect: preparation.prepare)
    let link = RedisLink(client: client, keys: Keys(configuration), scripts: scripts)
    try await whileConnected(client) { try await body(link) }
  }

  /// What keeps the service from billing with these settings; empty when nothing does.
  static func faults(_ configuration: Configuration) async -> [String] {
    let requirements = RedisRequirements(configuration)
    do {
      return try await withRedis(configuration) {
        await requirements.faults(of: $0, now: WallClock.seconds())
      }
    } catch {
      return ["\(error)"]
    }
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

extension RedisRequirements {
  /// What the settings demand of Redis.
  init(_ configuration: Configuration) {
    self.init(durability: configuration.durability, keys: Keys(configuration))
  }
}
