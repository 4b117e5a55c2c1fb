import Domain
import ServiceLifecycle

/// What everyone may call: game servers, launchers, hosts and their clients, probes. A service for
/// the service group.
public struct PublicAPI: Service {
  private let routes: RouteTable
  private let crossOrigin: CrossOrigin?
  private let callers: CallerLimits
  private let inFlight: InFlightLimit
  private let listener: Listener

  /// The API over its ports.
  ///
  /// - Parameters:
  ///   - partitionCount: Identifiers of other partitions are not ours.
  ///   - trustedProxies: Peers whose `X-Forwarded-For` is believed.
  ///   - masterKeys: The current master key and the previous one, if any; session tokens are signed
  ///     with the first and accepted with all.
  ///   - hosts: The host API; without it there is nothing under `/api`.
  ///   - limits: How much callers may ask.
  ///   - clock: Measures how often they ask.
  ///   - now: The service's own clock in Unix seconds; only the freshness of a launcher's signature
  ///     and the end of TURN credentials go by it.
  public init(
    gameSessions: any GameSessions,
    launcherSessions: any LauncherSessions,
    catalog: any GameCatalog,
    readiness: any Readiness,
    timings: Timings,
    partitionCount: Int,
    trustedProxies: [Network],
    masterKeys: [[UInt8]],
    hosts: HostAPI? = nil,
    limits: RequestLimits = RequestLimits(),
    listener: Listener,
    clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    now: @escaping @Sendable () -> Int64 = WallClock.seconds
  ) {
    let clientAddress = ClientAddress(trustedProxies: trustedProxies)
    let callers = CallerLimits(
      limits,
      clientAddress: clientAddress,
      metrics: listener.metrics,
      clock: clock
    )
    let game = GameRoutes(
      sessions: gameSessions,
      catalog: catalog,
      callers: callers,
      timings: timings,
      partitionCount: partitionCount
    )
    let launcher = LauncherRoutes(
      sessions: launcherSessions,
      catalog: catalog,
      timings: timings,
      tokens: SessionTokens(masterKeys: masterKeys, partitionCount: partitionCount),
      clientAddress: clientAddress,
      callers: callers,
      now: now
    )
    let host = hosts.map { HostRoutes($0, timings: timings, callers: callers, now: now) }
    let health = HealthRoutes(readiness: readiness)
    let description = OpenAPIRoutes(regions: hosts?.settings.regions ?? [], callers: callers)
    routes = RouteTable(
      listener.metrics.measuring(
        game.endpoints + launcher.endpoints + (host?.endpoints ?? []) + health.endpoints
          + description.endpoints
      )
    )
    crossOrigin = hosts.map { CrossOrigin(origins: $0.settings.origins) }
    self.callers = callers
    inFlight = InFlightLimit(limits.inFlight)
    self.listener = listener
  }

  public func run() async throws {
    try await listener.serve(responder)
  }

  /// Answers requests, for tests without a network.
  var responder: APIResponder {
    APIResponder(
      routes: routes,
      metrics: listener.metrics,
      logger: listener.logger,
      callers: callers,
      inFlight: inFlight,
      crossOrigin: crossOrigin
    )
  }
}
