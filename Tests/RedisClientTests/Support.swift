import Logging
import NIOCore
import NIOPosix
import Support
import Synchronization
import Testing

@testable import RedisClient

/// Runs a client on event loops of its own and ends both afterwards. With `ready`, the body
/// starts when all connections are up.
func withClient<Result: Sendable>(
  _ configuration: RedisConfiguration,
  loops: Int = 1,
  connectionCount: Int? = nil,
  ready: Bool = true,
  logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
  onConnect: (@Sendable (RedisConnection) async throws -> Void)? = nil,
  isolation: isolated (any Actor)? = #isolation,
  _ body: (RedisClient) async throws -> Result
) async throws -> Result {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
  let client = RedisClient(
    configuration: configuration,
    eventLoops: group,
    connectionCount: connectionCount,
    logger: logger,
    onConnect: onConnect
  )
  let running = Task { try await client.run() }
  let outcome: Swift.Result<Result, any Error>
  do {
    if ready { try await eventually { client.isConnected } }
    outcome = .success(try await body(client))
  } catch {
    outcome = .failure(error)
  }
  running.cancel()
  try await running.value
  try await group.shutdownGracefully()
  return try outcome.get()
}

struct NeverCame: Error {}

/// Waits until a condition holds, for at most ten seconds.
func eventually(
  isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(10)
  while try await !condition() {
    guard ContinuousClock.now < deadline else { throw NeverCame() }
    try await Task.sleep(for: .milliseconds(2))
  }
}

/// The error of a call, or nil if it had none.
func failure(
  isolation: isolated (any Actor)? = #isolation,
  of call: () async throws(RedisError) -> RedisReply
) async -> RedisError? {
  do throws(RedisError) {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}

extension RedisConfiguration {
  /// Waits so long that a busy machine fails no test. Tests of deadlines set their own.
  static func patient(_ address: RedisAddress) -> RedisConfiguration {
    var configuration = RedisConfiguration(address: address)
    configuration.commandTimeout = .seconds(15)
    return configuration
  }
}

extension RedisServer {
  /// Runs the body with a server, which is gone afterwards.
  static func with<Result>(
    _ options: Options = Options(),
    isolation: isolated (any Actor)? = #isolation,
    _ body: (RedisServer) async throws -> Result
  ) async throws -> Result {
    try await body(start(options))
  }

  var configuration: RedisConfiguration { .patient(.unixSocket(path: socketPath)) }
}

/// Keeps what was logged, level and metadata included.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var logger: Logger {
    Logger(label: "test") { _ in Handler(lines: self) }
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = "\(event.level) \(event.message) \(event.metadata ?? [:])"
      lines.lines.withLock { $0.append(line) }
    }
  }
}

/// Runs tasks on one event loop, as the HTTP server does with its requests.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
