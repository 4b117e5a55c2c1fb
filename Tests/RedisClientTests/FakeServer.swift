import NIOCore
import NIOPosix
import Synchronization

@testable import RedisClient

/// A server on a free TCP port that answers as a test tells it to. It speaks enough RESP2 to know
/// where a command ends.
final class FakeServer: Sendable {
  enum Answer: Sendable {
    case bytes(String)
    case bytesThenClose(String)
    case nothing
  }

  /// Gets the number of the connection, from 0, and the command.
  typealias Script = @Sendable (_ connection: Int, _ command: [String]) -> Answer

  private struct Seen {
    var connections = 0
    var commands: [[String]] = []
  }

  private let script: Script
  private let seen = Mutex(Seen())

  /// All commands of all connections, but for the handshakes' `PING`.
  var commands: [[String]] { seen.withLock { $0.commands } }
  var connectionCount: Int { seen.withLock { $0.connections } }

  private init(script: @escaping Script) { self.script = script }

  static func with<Result>(
    isolation: isolated (any Actor)? = #isolation,
    script: @escaping Script,
    _ body: (FakeServer, RedisAddress) async throws -> Result
  ) async throws -> Result {
    let server = FakeServer(script: script)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = FakeServerHandler(server: server, connection: server.accepted())
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    let port = channel.localAddress?.port ?? 0
    do {
      let result = try await body(server, .tcp(host: "127.0.0.1", port: port))
      try await channel.close()
      return result
    } catch {
      try await channel.close()
      throw error
    }
  }

  private func accepted() -> Int {
    seen.withLock { seen in
      defer { seen.connections += 1 }
      return seen.connections
    }
  }

  fileprivate func answer(_ connection: Int, _ command: [String]) -> Answer {
    if command != ["PING"] { seen.withLock { $0.commands.append(command) } }
    return script(connection, command)
  }
}

private final class FakeServerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: FakeServer
  private let connection: Int
  private var parser = ReplyParser()

  init(server: FakeServer, connection: Int) {
    self.server = server
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = Self.unwrapInboundIn(data)
    do throws(RedisError) {
      while buffer.readableBytes > 0 {
        try parser.feed(&buffer)
        while let command = try parser.next() { answer(command, context: context) }
      }
    } catch {
      context.close(promise: nil)
    }
  }

  private func answer(_ command: RedisReply, context: ChannelHandlerContext) {
    guard case .array(let words) = command else { return }
    let texts = words.map { word in
      guard case .string(let text) = word else { return "" }
      return text
    }
    switch server.answer(connection, texts) {
    case .bytes(let text): write(text, context: context)
    case .bytesThenClose(let text):
      write(text, context: context)
      context.close(promise: nil)
    case .nothing: break
    }
  }

  private func write(_ text: String, context: ChannelHandlerContext) {
    context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }
}
