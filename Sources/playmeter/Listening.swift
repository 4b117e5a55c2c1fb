import Domain
import HTTPAPI
import Logging
import NIOCore
import NIOPosix
import TLS

/// How and where the service listens, which is the same for both listeners but for their places.
struct Listening {
  /// The public listener has stopped when the management one begins to, and whoever waits for the
  /// next instance waits for this as well. Its clients are tools, which ask again.
  private static let managementFarewell = Duration.milliseconds(50)

  /// Counts what the listeners do.
  let metrics: ServiceMetrics
  private let configuration: Configuration
  private let sockets: PassedSockets
  private let gate: ListeningGate
  private let tls: ServiceTLS
  private let logger: Logger
  private let executors = EventLoopExecutors(MultiThreadedEventLoopGroup.singleton)

  /// - Parameters:
  ///   - sockets: Listeners that have one use it instead of their address.
  ///   - gate: Told of each listener that accepts connections.
  init(
    _ configuration: Configuration,
    sockets: PassedSockets,
    metrics: ServiceMetrics,
    gate: ListeningGate,
    tls: ServiceTLS,
    logger: Logger
  ) {
    self.configuration = configuration
    self.sockets = sockets
    self.metrics = metrics
    self.gate = gate
    self.tls = tls
    self.logger = logger
  }

  /// The listener for games, launchers and hosts.
  var publicListener: Listener {
    listener(
      "public",
      configuration.httpAddress,
      sockets.publicListener,
      tls.publicListener,
      farewell: Listener.usualFarewell
    )
  }

  /// The listener for operators.
  var managementListener: Listener {
    listener(
      "management",
      configuration.managementAddress,
      sockets.managementListener,
      tls.managementListener,
      farewell: Self.managementFarewell
    )
  }

  private func listener(
    _ name: String,
    _ address: ListenAddress,
    _ socket: Int32?,
    _ tls: ServerTLS?,
    farewell: Duration
  ) -> Listener {
    Listener(
      host: address.host,
      port: address.port,
      socket: socket,
      executors: executors,
      tls: tls,
      logger: logger,
      limits: configuration.connectionLimits.within(ProcessUsage.openFileLimit),
      trustedProxies: configuration.trustedProxies,
      metrics: metrics.requests(of: name),
      farewell: farewell,
      onListening: { [gate, logger] actual in
        gate.note()
        logger.notice(
          "listening",
          metadata: [
            "listener": "\(name)", "address": "\(actual.ipAddress ?? address.host)",
            "port": .stringConvertible(actual.port ?? 0),
            "tls": .stringConvertible(tls != nil), "passed": .stringConvertible(socket != nil),
          ]
        )
      }
    )
  }
}
