import Domain
import ServiceLifecycle

/// What only the operator may reach, on a listener of its own. A service for the service group.
public struct ManagementAPI: Service {
  private let routes: RouteTable
  private let listener: Listener

  /// The API over its ports.
  ///
  /// - Parameter adminToken: What `/v1/admin` asks for; without one it refuses everybody.
  public init(
    administration: any Administration,
    accounting: any Accounting,
    hosts: any HostRegistry,
    readiness: any Readiness,
    adminToken: String?,
    listener: Listener
  ) {
    let admin = AdminRoutes(
      administration: administration,
      accounting: accounting,
      hosts: hosts,
      token: adminToken
    )
    routes = RouteTable(admin.endpoints + HealthRoutes(readiness: readiness).endpoints)
    self.listener = listener
  }

  public func run() async throws {
    try await listener.serve(responder)
  }

  /// Answers requests, for tests without a network.
  var responder: APIResponder { APIResponder(routes: routes, logger: listener.logger) }
}
