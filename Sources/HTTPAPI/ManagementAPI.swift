import Domain
import ServiceLifecycle

/// What only the operator may reach, on a listener of its own. A service for the service group.
public struct ManagementAPI: Service {
  private let routes: RouteTable
  private let callers: CallerLimits
  private let listener: Listener

  /// The API over its ports.
  ///
  /// - Parameters:
  ///   - metrics: What `/metrics` answers; without it there is nothing at that path. Like the
  ///     probes it asks for no token: who can reach this listener may see counts, which name
  ///     nobody.
  ///   - adminTokens: What `/v1/admin` asks for, one of them; with none it refuses everybody.
  ///   - limits: How often an address may show a wrong token; nothing else is limited here.
  ///   - adminNeedsCertificate: Whether `/v1/admin` also asks for a client certificate, which the
  ///     listener must ask for then.
  public init(
    administration: any Administration,
    accounting: any Accounting,
    hosts: any HostRegistry,
    readiness: any Readiness,
    metrics: MetricsExposition? = nil,
    adminTokens: [String],
    limits: RequestLimits = RequestLimits(),
    adminNeedsCertificate: Bool = false,
    listener: Listener
  ) {
    let admin = AdminRoutes(
      administration: administration,
      accounting: accounting,
      hosts: hosts,
      tokens: adminTokens,
      needsCertificate: adminNeedsCertificate
    )
    let health = HealthRoutes(readiness: readiness, metrics: metrics)
    routes = RouteTable(listener.metrics.measuring(admin.endpoints + health.endpoints))
    callers = CallerLimits(
      limits,
      clientAddress: ClientAddress(trustedProxies: []),
      metrics: listener.metrics,
      clock: { .now }
    )
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
      callers: callers
    )
  }
}
