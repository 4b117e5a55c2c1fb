import CoreMetrics
import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's HTTP/1 connection, with all its tasks on the connection's own event loop.
struct PinnedHTTPChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  /// How long a connection may be idle: more than the 60 s of common proxies, so that they close
  /// first and never send a request into a connection that we are just closing.
  private static let idleTimeout = TimeAmount.seconds(75)
  /// The bounds of a request's header: 8 KiB for a field and 32 KiB for all are what common
  /// proxies let through; ours are well below 1 KiB.
  private static let headerLimits = HTTP1Channel.Configuration.DecoderConfiguration(
    maxHeaderFieldSize: 8 * 1024,
    maxHeaderListSize: 32 * 1024,
    maxHeaderFieldCount: 100
  )

  private let base: HTTP1Channel
  private let executors: EventLoopExecutors
  /// How many are open.
  private let connections: Meter

  init(
    responder: @escaping HTTPChannelHandler.Responder,
    executors: EventLoopExecutors,
    connections: Meter
  ) {
    self.executors = executors
    self.connections = connections
    base = HTTP1Channel(
      responder: responder,
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [ConnectionCloser()],
        idleTimeout: Self.idleTimeout,
        httpDecoderConfiguration: Self.headerLimits
      )
    )
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    base.setup(channel: channel, logger: logger)
  }

  func handle(value: Value, logger: Logger) async {
    connections.increment()
    defer { connections.decrement() }
    let executor = executors.executor(of: value.channel.eventLoop)
    await withTaskExecutorPreference(executor) {
      await base.handle(value: value, logger: logger)
    }
  }
}
