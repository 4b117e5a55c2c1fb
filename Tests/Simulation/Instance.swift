import Domain
import Logging
import NIOCore
import NIOPosix
import RedisClient
import RedisStore

/// One instance of the service as Redis sees it: a client of its own, behind a proxy that can cut
/// its connections, and the ports that the routes, the billing worker and the operator use.
public final class Instance: Sendable {
  /// Its name in what is told of a failure.
  public let name: String
  /// Where its connections break.
  public let proxy: CuttingProxy
  /// Its way to Redis.
  public let link: RedisLink
  /// Its ports.
  let ports: Ports
  /// The operator's port.
  public var administration: RedisAdministration { ports.administration }

  /// One loop for clients, proxies and the simulation itself, so that a call changes threads as
  /// seldom as may be.
  static let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

  private let life: AsyncStream<Never>
  private let end: AsyncStream<Never>.Continuation

  /// An instance that connects to the Unix socket of a redis-server when it is run.
  public static func start(
    _ name: String,
    socketPath: String,
    keys: Keys,
    scripts: Scripts
  ) async throws -> Instance {
    let proxy = try await CuttingProxy.start(target: socketPath, on: eventLoop)
    return Instance(name, proxy, keys, scripts)
  }

  private init(_ name: String, _ proxy: CuttingProxy, _ keys: Keys, _ scripts: Scripts) {
    self.name = name
    self.proxy = proxy
    link = Instance.link(socketPath: proxy.path, keys, scripts)
    ports = Ports(link)
    (life, end) = AsyncStream.makeStream(of: Never.self)
  }

  /// A link over one connection, with patience and short pauses between attempts: the outages here
  /// are short.
  static func link(socketPath: String, _ keys: Keys, _ scripts: Scripts) -> RedisLink {
    var configuration = RedisConfiguration(address: .unixSocket(path: socketPath))
    // On a busy machine a deadline of the service's would pass now and then without any fault.
    configuration.commandTimeout = .seconds(20)
    configuration.backoffInitial = .milliseconds(1)
    configuration.backoffMaximum = .milliseconds(20)
    let requirements = RedisRequirements(durability: .strict, keys: keys)
    let client = RedisClient(
      configuration: configuration,
      eventLoops: eventLoop,
      connectionCount: 1,
      logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() },
      onConnect: RedisPreparation(requirements: requirements, scripts: scripts).prepare
    )
    return RedisLink(client: client, keys: keys, scripts: scripts)
  }

  /// Lives until it is dropped or the task is cancelled.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.link.client.run() }
      group.addTask { for await _ in self.life {} }
      try await group.next()
      group.cancelAll()
    }
    await proxy.close()
  }

  /// Dies as a process does: its connections break, whatever is under way on them.
  public func drop() async {
    end.finish()
    await proxy.close()
  }
}

/// The ports that the routes, the billing worker and the operator use.
struct Ports: Sendable {
  let games: RedisGameSessions
  let launchers: RedisLauncherSessions
  let billing: RedisBilling
  let administration: RedisAdministration

  init(_ link: RedisLink) {
    let secrets = LauncherSecrets(masterKeys: [Array(repeating: 7, count: 32)])
    games = RedisGameSessions(link: link)
    launchers = RedisLauncherSessions(link: link, secrets: secrets)
    billing = RedisBilling(link: link)
    administration = RedisAdministration(link: link, secrets: secrets)
  }
}
