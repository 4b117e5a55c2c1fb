import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A pipelined Redis client for event loops, with one connection per loop. A task that runs on
/// one of these loops uses that loop's connection without changing threads; commands of one turn
/// of a loop leave in one write.
///
/// It promises that replies go to the callers whose commands they answer, that every wait is
/// bounded, and that an error says whether the command may have been executed. It never repeats
/// a command by itself; only ``run(_:keys:arguments:timeout:)`` does, because scripts here are
/// idempotent.
public final class RedisClient: Service, Sendable {
  public let configuration: RedisConfiguration
  let watch: ConnectionWatch
  let metrics: RedisMetrics
  private let slots: [ConnectionSlot]
  private let turn = Atomic(0)
  private let commandTimeout: TimeAmount

  /// Nothing is connected before ``run()``.
  ///
  /// - Parameters:
  ///   - connectionCount: how many connections to keep; they are spread over the loops. By
  ///     default one per loop.
  ///   - metrics: counts connections and commands; by default nobody does.
  ///   - onConnect: examines each new connection before it is used, after `AUTH` and `SELECT`.
  ///     If it throws, the connection is dropped and tried again after a pause.
  public init(
    configuration: RedisConfiguration,
    eventLoops: any EventLoopGroup,
    connectionCount: Int? = nil,
    logger: Logger,
    metrics: RedisMetrics = .none,
    onConnect: (@Sendable (RedisConnection) async throws -> Void)? = nil
  ) {
    let loops = Array(eventLoops.makeIterator())
    let count = connectionCount ?? loops.count
    precondition(count > 0, "A Redis client needs at least one connection.")
    let watch = ConnectionWatch(
      address: configuration.address,
      maximumWaiters: configuration.maximumInFlight,
      logger: logger
    )
    self.configuration = configuration
    commandTimeout = TimeAmount(configuration.commandTimeout)
    self.watch = watch
    self.metrics = metrics
    metrics.keeps(count)
    var slots: [ConnectionSlot] = []
    for index in 0..<count {
      slots.append(
        ConnectionSlot(
          index: index,
          eventLoop: loops[index % loops.count],
          configuration: configuration,
          watch: watch,
          metrics: metrics,
          onConnect: onConnect
        )
      )
    }
    self.slots = slots
  }

  /// Keeps the connections up until a graceful shutdown or a cancellation. Then no connection
  /// takes new commands, and each is closed after its replies in flight, or after two seconds.
  /// Call it once.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for slot in self.slots { group.addTask { await slot.run() } }
        guard let lookup = SentinelLookup(self.configuration) else { return }
        group.addTask { await MasterWatch(lookup: lookup, slots: self.slots).run() }
      }
    }
  }

  /// Whether all connections are up.
  public var isConnected: Bool { slots.allSatisfy { $0.connection != nil } }

  /// Returns when some connection is up. Throws `.notConnected` with the last failure when none
  /// is in time, or at once when as many callers wait as commands may be in flight.
  public func waitUntilConnected(within limit: Duration) async throws(RedisError) {
    try await waitUntilConnected(until: .now() + TimeAmount(limit))
  }

  /// Sends a command and waits for its reply. An error reply is thrown as `.server`; when no
  /// connection is up, `.notConnected` is thrown at once.
  ///
  /// When the reply does not come within the timeout (the configuration's `commandTimeout` by
  /// default), the connection counts as wedged and is dropped, so a short timeout costs the other
  /// callers on that connection theirs.
  public func send(
    _ command: RedisCommand,
    timeout: Duration? = nil
  ) async throws(RedisError) -> RedisReply {
    let start = NIODeadline.now()
    return try await metrics.measure(from: start) { () async throws(RedisError) in
      try await connection().send(command, deadline: deadline(timeout, from: start))
    }
  }

  /// Sends commands over one connection, in order, and returns their replies in the same order,
  /// error replies as `.error` elements. They are not a transaction: others' commands may run in
  /// between. One `commandTimeout` counts for all.
  public func send(pipeline: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
    let start = NIODeadline.now()
    return try await metrics.measure(from: start) { () async throws(RedisError) in
      try await connection().send(pipeline: pipeline, deadline: deadline(nil, from: start))
    }
  }

  func deadline(_ timeout: Duration?, from start: NIODeadline) -> NIODeadline {
    start + (timeout.map { TimeAmount($0) } ?? commandTimeout)
  }

  /// A connection that is up: the one of the current loop if there is one, else each in turn.
  func connection() throws(RedisError) -> RedisConnection {
    if let loop = MultiThreadedEventLoopGroup.currentEventLoop {
      for slot in slots where slot.eventLoop === loop {
        if let connection = slot.connection { return connection }
      }
    }
    let start = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    for offset in slots.indices {
      let index = Int(UInt(bitPattern: start &+ offset) % UInt(slots.count))
      if let connection = slots[index].connection { return connection }
    }
    throw .notConnected(watch.lastFailure)
  }

  func waitUntilConnected(until deadline: NIODeadline) async throws(RedisError) {
    let connected = OneShot()
    guard watch.add(connected) else { throw .notConnected(watch.lastFailure) }
    let loop = slots[0].eventLoop
    let timer = loop.scheduleTask(deadline: deadline) { [watch] in
      connected.finish(.failure(.notConnected(watch.lastFailure)))
    }
    defer {
      timer.cancel()
      watch.remove(connected)
    }
    // A connection that came up before the waiter was added wakes nobody.
    if slots.contains(where: { $0.connection != nil }) { return }
    _ = try await connected.value()
  }
}
