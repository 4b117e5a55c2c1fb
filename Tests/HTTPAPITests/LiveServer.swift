import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

@testable import HTTPAPI

/// A running API on a free port.
struct LiveServer: Sendable {
  let port: Int
  let services: ServiceGroup

  /// Runs an API as a service while `body` runs, then shuts it down gracefully.
  static func with(
    _ group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    _ api: (Listener) -> PublicAPI,
    _ body: @escaping @Sendable (LiveServer) async throws -> Void
  ) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let service = api(.loopback(group, onListening: { continuation.yield($0) }))
    let services = ServiceGroup(services: [service], logger: Logger(label: "test"))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await services.run() }
      tasks.addTask {
        guard let port = await ports.first(where: { _ in true }) else { return }
        let outcome = await Self.outcome {
          try await body(LiveServer(port: port, services: services))
        }
        await services.triggerGracefulShutdown()
        try outcome.get()
      }
      try await tasks.waitForAll()
    }
  }

  private static func outcome(
    _ body: () async throws -> Void
  ) async -> Result<Void, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  /// Sends bytes on a connection of their own and reads until the server closes it, or until what
  /// came satisfies `isEnough`.
  func exchange(
    _ chunks: [String],
    until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
  ) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      for chunk in chunks { try await outbound.write(ByteBuffer(string: chunk)) }
      var received = ""
      for try await buffer in inbound {
        received += String(buffer: buffer)
        if isEnough(received) { break }
      }
      return received
    }
  }
}
