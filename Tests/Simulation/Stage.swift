import Domain
import NIOCore
import RedisClient
import RedisStore
import Support

/// What a simulation plays on: a Redis whose clock is held, an observer with a connection of its
/// own that nothing cuts, and the instances.
public struct Stage: Sendable {
  /// The simulation's zero on the server's clock: 2026-03-01T00:00:00Z, before any real time, so
  /// that no real time can be mistaken for it.
  public static let epoch: Int64 = 1_772_323_200_000

  /// The usual timings without outages. Then the worker need not look where nothing is due, so that
  /// a month passes quickly; and low balances change no money.
  public static var timings: Timings {
    var timings = Timings()
    timings.outageHold = nil
    timings.lowBalanceMinutes = []
    return timings
  }

  /// The usual timings, all of them.
  public static var timingsWithHolds: Timings { Timings() }

  public let server: RedisServer
  public let keys: Keys
  public let scripts: Scripts
  public let timings: Timings
  /// Looks at Redis past the proxies.
  public let observer: RedisLink
  /// The ports of an instance that nothing happens to.
  let ports: Ports
  private let births: AsyncStream<Instance>.Continuation

  /// Sets the stage, runs the body on it, and ends every instance.
  public static func open<Result: Sendable>(
    timings: Timings = Stage.timings,
    partitionCount: Int = 4,
    scripts: Scripts? = nil,
    _ body: @Sendable (Stage) async throws -> Result
  ) async throws -> Result {
    try await withTaskExecutorPreference(LoopExecutor(Instance.eventLoop)) {
      try await perform(timings, partitionCount, scripts, body)
    }
  }

  private static func perform<Result: Sendable>(
    _ timings: Timings,
    _ partitionCount: Int,
    _ scripts: Scripts?,
    _ body: @Sendable (Stage) async throws -> Result
  ) async throws -> Result {
    let server = try await RedisServer.start()
    server.clock.hold(atMilliseconds: epoch)
    let (stream, births) = AsyncStream.makeStream(of: Instance.self)
    let keys = Keys(partitionCount: partitionCount)
    let stage = Stage(server, keys, timings, scripts ?? Scripts(timings: timings), births)
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await stage.observer.client.run() }
      group.addTask { try await run(stream) }
      defer { group.cancelAll() }
      try await stage.observer.client.waitUntilConnected(within: .seconds(10))
      return try await body(stage)
    }
    try await server.stop()
    return result
  }

  private init(
    _ server: RedisServer,
    _ keys: Keys,
    _ timings: Timings,
    _ scripts: Scripts,
    _ births: AsyncStream<Instance>.Continuation
  ) {
    self.server = server
    self.keys = keys
    self.timings = timings
    self.births = births
    self.scripts = scripts
    observer = Instance.link(socketPath: server.socketPath, keys, scripts)
    ports = Ports(observer)
  }

  private static func run(_ births: AsyncStream<Instance>) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      for await instance in births {
        group.addTask { try await instance.run() }
      }
    }
  }

  /// Starts an instance and waits until it can work.
  public func startInstance(_ name: String) async throws -> Instance {
    let instance = try await Instance.start(
      name,
      socketPath: server.socketPath,
      keys: keys,
      scripts: scripts
    )
    births.yield(instance)
    try await instance.link.client.waitUntilConnected(within: .seconds(10))
    return instance
  }

  /// The name of a key.
  public func key(_ name: String, _ partition: Partition) -> String {
    "\(keys.prefix):{p\(partition.number)}:\(name)"
  }

  /// Reads past the proxies; waits for a Redis that is on its way up.
  public func read(_ commands: [RedisCommand]) async throws -> [RedisReply] {
    try await observer.read(commands)
  }

  /// Returns when Redis has done everything that was written to it before: all of that is read in
  /// the turn of the first `PING` at the latest, and the second has a turn of its own.
  public func settle() async throws {
    _ = try await read([RedisCommand("PING")])
    _ = try await read([RedisCommand("PING")])
  }
}

extension RedisLink {
  /// Sends commands that do no harm twice; waits for a Redis that is on its way up.
  func read(_ commands: [RedisCommand]) async throws -> [RedisReply] {
    for _ in 0..<20 {
      if !client.isConnected {
        try await client.waitUntilConnected(within: .seconds(10))
      }
      do throws(RedisError) {
        return try await client.send(pipeline: commands)
      } catch {
        // The connection may have been one of the Redis before.
        continue
      }
    }
    throw SupportError("Redis does not answer")
  }
}

/// Runs tasks on an event loop.
private final class LoopExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

extension RedisReply {
  /// The text, the number as text, or nil.
  var text: String? {
    switch self {
    case .string(let text), .status(let text): text
    case .integer(let number): String(number)
    case .null, .error, .array: nil
    }
  }

  var elements: [RedisReply] {
    if case .array(let elements) = self { elements } else { [] }
  }
}
