import Domain
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
public import TLS

/// Where and on what an API listens; the same for the public and the management one.
public struct Listener: Sendable {
  /// Connections that wait to be accepted: a cafe's PCs all start at once. The kernel's own bound
  /// (`net.core.somaxconn`) is mostly the same.
  private static let backlog = 4096

  private let address: BindAddress
  private let executors: EventLoopExecutors
  private let limits: ConnectionLimits
  private let proxies: [Network]
  private let tls: ServerTLS?
  private let onListening: @Sendable (Int) -> Void
  /// Counts connections and requests.
  let metrics: RequestMetrics
  /// Access lines at debug level, failures of ours at error level.
  let logger: Logger

  /// A listener on a TCP address.
  ///
  /// - Parameters:
  ///   - host: An address or a name of this machine.
  ///   - port: 0 takes any free port.
  ///   - executors: Its connections run on the loops of their group.
  ///   - limits: The bounds of its connections.
  ///   - trustedProxies: Peers that speak for many, whose connections are not counted for each.
  ///   - tls: What it speaks TLS with; without it, it speaks plain HTTP.
  ///   - metrics: Counts its connections and requests; by default nobody does.
  ///   - onListening: Called once with the actual port when connections are accepted.
  public init(
    host: String,
    port: Int,
    executors: EventLoopExecutors,
    tls: ServerTLS? = nil,
    logger: Logger,
    limits: ConnectionLimits = ConnectionLimits(),
    trustedProxies: [Network] = [],
    metrics: RequestMetrics = .none,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    address = .hostname(host, port: port)
    self.executors = executors
    self.tls = tls
    self.logger = logger
    self.limits = limits
    proxies = trustedProxies
    self.metrics = metrics
    self.onListening = onListening
  }

  /// Serves requests until the service group shuts down gracefully: then nobody new is accepted,
  /// idle connections are closed, and requests in flight are answered.
  func serve(_ responder: APIResponder) async throws {
    let child = PinnedHTTPChannel(
      responder: responder,
      executors: executors,
      limits: limits,
      count: ConnectionCount(limits, proxies: proxies),
      tls: tls,
      metrics: metrics
    )
    let server = child.server(
      configuration: ServerConfiguration(address: address, backlog: Self.backlog),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
      eventLoopGroup: executors.group,
      logger: quietLogger
    )
    try await server.run()
  }

  /// The caller announces the port and we log the requests, so of the framework only warnings
  /// count.
  private var quietLogger: Logger {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    return quiet
  }
}
