import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A place for one connection on one event loop. It makes the connection, hands it out while it
/// is up, and makes a new one after it ended, until its task is cancelled.
final class ConnectionSlot: Sendable {
  typealias Hook = @Sendable (RedisConnection) async throws -> Void

  let eventLoop: any EventLoop
  private let index: Int
  private let configuration: RedisConfiguration
  private let onConnect: Hook?
  private let watch: ConnectionWatch
  private let metrics: RedisMetrics
  private let current = Mutex<RedisConnection?>(nil)

  init(
    index: Int,
    eventLoop: any EventLoop,
    configuration: RedisConfiguration,
    watch: ConnectionWatch,
    metrics: RedisMetrics,
    onConnect: Hook?
  ) {
    self.index = index
    self.eventLoop = eventLoop
    self.configuration = configuration
    self.watch = watch
    self.metrics = metrics
    self.onConnect = onConnect
  }

  /// The connection, if it can take commands.
  var connection: RedisConnection? {
    guard let connection = current.withLock({ $0 }), connection.health.isUsable else { return nil }
    return connection
  }

  /// Keeps a connection up until the task is cancelled, and then lets it finish its replies.
  func run() async {
    var backoff = Backoff(
      initial: configuration.backoffInitial,
      maximum: configuration.backoffMaximum
    )
    var wasConnected = false
    while !Task.isCancelled {
      let reason = await serveOnce(&backoff, &wasConnected)
      if Task.isCancelled { return }
      watch.failed(slot: index, reason: reason)
      do {
        try await Task.sleep(for: backoff.next())
      } catch {
        return
      }
    }
  }

  /// Connects and stays until the connection ends. Returns why it ended or never began.
  private func serveOnce(_ backoff: inout Backoff, _ wasConnected: inout Bool) async -> String {
    let connection: RedisConnection
    do {
      connection = try await open()
    } catch {
      return Self.reason(of: error)
    }
    let start = NIODeadline.now()
    current.withLock { $0 = connection }
    metrics.connected(again: wasConnected)
    wasConnected = true
    watch.connected(slot: index)
    await connection.ended()
    metrics.disconnected()
    current.withLock { $0 = nil }
    backoff.connectionEnded(after: Duration(.now() - start))
    return connection.health.endReason ?? "the connection was closed"
  }

  /// The failure in words. When a name has several addresses, the first one's failure tells enough.
  static func reason(of error: any Error) -> String {
    guard let error = error as? NIOConnectionError else { return "\(error)" }
    if let first = error.connectionErrors.first { return "\(first.error)" }
    return "\(error.host) has no address: \(error.dnsAError.map { "\($0)" } ?? "unknown")"
  }

  private func open() async throws -> RedisConnection {
    let connection = try await RedisConnection.open(configuration, on: eventLoop)
    do {
      try await onConnect?(connection)
    } catch {
      connection.drop()
      throw error
    }
    return connection
  }
}
