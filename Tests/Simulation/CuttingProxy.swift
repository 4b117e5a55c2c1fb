import Foundation
import NIOCore
import NIOPosix
import Support
import Synchronization

/// Stands between one instance and Redis, on a Unix socket of its own, and cuts the connection when
/// it is told to.
public final class CuttingProxy: Sendable {
  /// Where in the life of a script's call the connection breaks.
  public enum Cut: String, Sendable, CaseIterable {
    /// Redis never gets the call.
    case beforeWrite
    /// Redis gets the call; nobody is there for the reply.
    case afterWrite
    /// Redis has answered; the reply is lost.
    case afterReply
  }

  private struct State {
    /// What happens to the next calls, the last of them first.
    var cuts: [Cut] = []
    var server: (any Channel)?
    var channels: [ObjectIdentifier: any Channel] = [:]
  }

  /// What a script's call begins with. It is looked for in the scripts' library, too, so it has to
  /// be found fast.
  private static let call = Data("FCALL".utf8)

  /// Where the instance connects.
  public let path: String
  private let target: String
  private let directory: TemporaryDirectory
  private let state = Mutex(State())

  private init(target: String) throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/proxy.sock"
    self.target = target
  }

  /// Listens, and connects to the Unix socket `target` for everyone who connects.
  public static func start(
    target: String,
    on eventLoop: any EventLoop
  ) async throws -> CuttingProxy {
    let proxy = try CuttingProxy(target: target)
    let server = try await ServerBootstrap(group: eventLoop)
      .childChannelInitializer { proxy.join($0) }
      .bind(unixDomainSocketPath: proxy.path)
      .get()
    proxy.state.withLock { $0.server = server }
    return proxy
  }

  /// Cuts the next calls of scripts that come this way, each in its manner. None of before counts.
  public func cut(_ cuts: [Cut]) {
    state.withLock { $0.cuts = cuts.reversed() }
  }

  /// Breaks every connection. When it returns nothing that came before reaches Redis any more.
  public func sever() async {
    cut([])
    for channel in state.withLock({ Array($0.channels.values) }) {
      channel.close(promise: nil)
      // Fails when it was closed already, which is as good.
      try? await channel.closeFuture.get()
    }
  }

  /// Takes no more connections and breaks those that there are.
  public func close() async {
    try? await state.withLock { $0.server }?.close()  // Fails when it was closed already.
    await sever()
  }

  private func join(_ front: any Channel) -> EventLoopFuture<Void> {
    ClientBootstrap(group: front.eventLoop)
      .connect(unixDomainSocketPath: target)
      .flatMapThrowing { back in
        let wire = Wire(front: front, back: back, proxy: self)
        try front.pipeline.syncOperations.addHandler(Relay(wire, isFront: true))
        try back.pipeline.syncOperations.addHandler(Relay(wire, isFront: false))
        self.watch(front)
        self.watch(back)
      }
  }

  private func watch(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    state.withLock { $0.channels[id] = channel }
    channel.closeFuture.whenComplete { _ in
      self.state.withLock { _ = $0.channels.removeValue(forKey: id) }
    }
  }

  /// The cut for what is about to be sent, if it calls a script.
  fileprivate func nextCut(for bytes: ByteBuffer) -> Cut? {
    state.withLock { state in
      guard !state.cuts.isEmpty, Data(bytes.readableBytesView).range(of: Self.call) != nil else {
        return nil
      }
      return state.cuts.popLast()
    }
  }
}

/// Both ends of one connection. Used from their common event loop only.
private final class Wire {
  let front: any Channel
  let back: any Channel
  let proxy: CuttingProxy
  /// The next reply is lost.
  var losesReply = false

  init(front: any Channel, back: any Channel, proxy: CuttingProxy) {
    self.front = front
    self.back = back
    self.proxy = proxy
  }

  func close() {
    front.close(promise: nil)
    back.close(promise: nil)
  }
}

/// Passes bytes on from one end of a wire to the other.
private final class Relay: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let wire: Wire
  private let isFront: Bool

  init(_ wire: Wire, isFront: Bool) {
    self.wire = wire
    self.isFront = isFront
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Self.unwrapInboundIn(data)
    guard isFront else {
      if wire.losesReply { return wire.close() }
      return wire.front.writeAndFlush(bytes, promise: nil)
    }
    switch wire.proxy.nextCut(for: bytes) {
    case nil:
      wire.back.writeAndFlush(bytes, promise: nil)
    case .beforeWrite:
      wire.close()
    case .afterWrite:
      // A Unix socket takes a call whole, so Redis will read it before it sees the end.
      wire.back.writeAndFlush(bytes, promise: nil)
      wire.close()
    case .afterReply:
      wire.losesReply = true
      wire.back.writeAndFlush(bytes, promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    wire.close()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    wire.close()
  }
}
