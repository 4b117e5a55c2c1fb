import Domain
import Logging
import NIOCore
import ServiceLifecycle
public import TLS

/// Where and on what an API listens; the same for the public and the management one.
public struct Listener: Sendable {
  /// How long clients can go on before the service stops: whoever asks in that time is answered. It
  /// is long enough for one that sends requests one after the other, and for a TLS handshake across
  /// an ocean; and so short that, with the start of the next instance, nobody waits for a second.
  public static let usualFarewell = Duration.milliseconds(300)

  private let place: Acceptor.Place
  private let executors: EventLoopExecutors
  private let limits: ConnectionLimits
  private let proxies: [Network]
  private let tls: ServerTLS?
  private let farewell: Duration
  private let onListening: @Sendable (SocketAddress) -> Void
  /// Counts connections and requests.
  let metrics: RequestMetrics
  /// Access lines at debug level, failures of ours at error level.
  let logger: Logger

  /// A listener on a TCP address.
  ///
  /// - Parameters:
  ///   - host: An address or a name of this machine.
  ///   - port: 0 takes any free port.
  ///   - socket: A socket that listens already, to be used instead of the address. It is the
  ///     listener's from then on.
  ///   - executors: Its connections run on the loops of their group.
  ///   - limits: The bounds of its connections.
  ///   - trustedProxies: Peers that speak for many, whose connections are not counted for each.
  ///   - tls: What it speaks TLS with; without it, it speaks plain HTTP.
  ///   - metrics: Counts its connections and requests; by default nobody does.
  ///   - farewell: How long it goes on accepting, and leaves idle connections open, when it is to
  ///     stop.
  ///   - onListening: Called once with the actual address when connections are accepted.
  public init(
    host: String,
    port: Int,
    socket: Int32? = nil,
    executors: EventLoopExecutors,
    tls: ServerTLS? = nil,
    logger: Logger,
    limits: ConnectionLimits = ConnectionLimits(),
    trustedProxies: [Network] = [],
    metrics: RequestMetrics = .none,
    farewell: Duration = Listener.usualFarewell,
    onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
  ) {
    place = socket.map { .socket($0) } ?? .address(host: host, port: port)
    self.executors = executors
    self.tls = tls
    self.logger = logger
    self.limits = limits
    proxies = trustedProxies
    self.metrics = metrics
    self.farewell = farewell
    self.onListening = onListening
  }

  /// Serves requests until the service group shuts down gracefully. Then responses say that their
  /// connection ends. After the farewell nobody new is accepted, and idle connections are closed;
  /// requests in flight are still answered.
  func serve(_ responder: APIResponder) async throws {
    let server = ConnectionServer(
      responder: responder,
      executors: executors,
      limits: limits,
      count: ConnectionCount(limits, proxies: proxies),
      tls: tls,
      metrics: metrics,
      farewell: farewell
    )
    let acceptor = try await Acceptor.open(place, on: executors.group, server.setUp)
    onListening(acceptor.address)
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { tasks in
        tasks.addTask { await stopInTime(acceptor) }
        tasks.addTask { await server.run() }
        await acceptor.ended()
        server.finish()
        // Nobody asked it to stop, so it cannot go on.
        if !Task.isShuttingDownGracefully { tasks.cancelAll() }
      }
    } onGracefulShutdown: {
      server.drain()
    }
  }

  private func stopInTime(_ acceptor: Acceptor) async {
    do {
      try await gracefulShutdown()
      try await Task.sleep(for: farewell)
    } catch {
      // It was cancelled: there is no time for a farewell.
    }
    await acceptor.stop()
  }
}
