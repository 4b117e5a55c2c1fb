import Domain
import ServiceLifecycle

/// What everyone may call: game servers, launchers, probes. A service for the service group.
public struct PublicAPI: Service {
  private let routes: RouteTable
  private let listener: Listener

  /// The API over its ports.
  ///
  /// - Parameters:
  ///   - partitionCount: Identifiers of other partitions are not ours.
  ///   - trustedProxies: Peers whose `X-Forwarded-For` is believed.
  ///   - masterKeys: The current master key and the previous one, if any; session tokens are signed
  ///     with the first and accepted with all.
  ///   - now: The service's own clock in Unix seconds; only the freshness of a launcher's signature
  ///     is judged by it.
  public init(
    gameSessions: any GameSessions,
    launcherSessions: any LauncherSessions,
    catalog: any GameCatalog,
    readiness: any Readiness,
    timings: Timings,
    partitionCount: Int,
    trustedProxies: [Network],
    masterKeys: [[UInt8]],
    listener: Listener,
    now: @escaping @Sendable () -> Int64 = WallClock.seconds
  ) {
    let game = GameRoutes(
      sessions: gameSessions,
      catalog: catalog,
      timings: timings,
      partitionCount: partitionCount
    )
    let launcher = LauncherRoutes(
      sessions: launcherSessions,
      catalog: catalog,
      timings: timings,
      tokens: SessionTokens(masterKeys: masterKeys, partitionCount: partitionCount),
      clientAddress: ClientAddress(trustedProxies: trustedProxies),
      now: now
    )
    let health = HealthRoutes(readiness: readiness)
    routes = RouteTable(game.endpoints + launcher.endpoints + health.endpoints)
    self.listener = listener
  }

  public func run() async throws {
    try await listener.serve(routes)
  }

  /// Answers requests without a network, for tests.
  var responder: APIResponder { APIResponder(routes: routes, logger: listener.logger) }
}
