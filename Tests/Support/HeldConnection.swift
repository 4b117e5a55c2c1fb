import NIOCore
import NIOPosix
import Synchronization

/// A connection that does whatever a test wants, however rude: it sends bytes piece by piece, reads
/// nothing, or never says a word. The test sees what came back and when the peer ended it.
public final class HeldConnection: Sendable {
  private struct Seen {
    var bytes: [UInt8] = []
    var endedAt: ContinuousClock.Instant?
    var closedAt: ContinuousClock.Instant?
    var failure: String?
  }

  /// Takes what comes; ends with the connection.
  private final class Listener: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let seen = Mutex(Seen())

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let buffer = unwrapInboundIn(data)
      seen.withLock { $0.bytes += buffer.readableBytesView }
    }

    func channelInactive(context: ChannelHandlerContext) {
      seen.withLock { $0.closedAt = $0.closedAt ?? .now }
      context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if event as? ChannelEvent == .inputClosed { seen.withLock { $0.endedAt = .now } }
      context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      seen.withLock { $0.failure = "\(error)" }
      context.close(promise: nil)
    }
  }

  public let openedAt: ContinuousClock.Instant
  private let channel: any Channel
  private let listener: Listener

  private init(_ channel: any Channel, _ listener: Listener, _ openedAt: ContinuousClock.Instant) {
    self.channel = channel
    self.listener = listener
    self.openedAt = openedAt
  }

  /// Connects to a port of this machine. One that does not read leaves everything in the system's
  /// buffers until they are full; one that does not close in return stays open when the peer says
  /// that nothing more will come.
  public static func open(
    port: Int,
    reads: Bool = true,
    closesInReturn: Bool = true
  ) async throws -> HeldConnection {
    let listener = Listener()
    let start = ContinuousClock.now
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .channelOption(.allowRemoteHalfClosure, value: !closesInReturn)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(listener)
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return HeldConnection(channel, listener, start)
  }

  /// Opens several.
  public static func open(_ count: Int, port: Int) async throws -> [HeldConnection] {
    var all: [HeldConnection] = []
    for _ in 0..<count { all.append(try await open(port: port)) }
    return all
  }

  /// Sends without waiting; what the peer does not take any more is thrown away.
  public func send(_ text: String) { send(Array(text.utf8)) }

  /// The same for bytes that need be no text.
  public func send(_ bytes: [UInt8]) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  /// Sends and waits until the system has taken it all. Throws when the peer ends the connection.
  public func deliver(_ text: String) async throws {
    try await channel.writeAndFlush(ByteBuffer(string: text)).get()
  }

  /// Says that nothing more will come, and goes on listening.
  public func finish() {
    channel.close(mode: .output, promise: nil)
  }

  public func close() {
    channel.close(promise: nil)
  }

  /// What came so far.
  public var received: String { String(decoding: receivedBytes, as: UTF8.self) }

  /// The same as bytes.
  public var receivedBytes: [UInt8] { listener.seen.withLock { $0.bytes } }

  /// How long it was open; nil while it is.
  public var lifetime: Duration? {
    listener.seen.withLock { $0.closedAt }.map { $0 - openedAt }
  }

  public var isOpen: Bool { lifetime == nil }

  /// When the peer said that nothing more will come; only for one that does not close in return.
  public var endedAt: ContinuousClock.Instant? { listener.seen.withLock(\.endedAt) }

  /// What broke the connection, such as a reset by the peer; nil when nothing did.
  public var failure: String? { listener.seen.withLock(\.failure) }

  /// Waits until the peer has ended it.
  @discardableResult
  public func waitUntilClosed(within limit: Duration) async throws -> Duration {
    try await Waiting.until("the end of a connection", within: limit) { !isOpen }
    return lifetime ?? .zero
  }
}
