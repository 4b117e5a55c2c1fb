import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Accepts the connections of a listener, on a socket that it binds or one that was passed to it.
///
/// A connection that the system has accepted is as good as ours for the client, who sends a request
/// on it. So nobody who waits in the system's queue is left behind: before a socket of our own is
/// closed, they are all accepted. What waits on a socket that was passed to us is left to the next
/// instance, which gets the same socket.
final class Acceptor: Sendable {
  /// Where it accepts.
  enum Place: Sendable {
    /// An address or name of this machine; port 0 is any free port.
    case address(host: String, port: Int)
    /// A stream socket that listens already.
    case socket(Int32)
  }

  /// Connections that wait to be accepted: a cafe's PCs all start at once. The kernel's own bound
  /// (`net.core.somaxconn`) is mostly the same.
  private static let backlog: Int32 = 4096

  /// Where it listens.
  let address: SocketAddress

  private let channel: any Channel
  private let isPassed: Bool
  private let isStopping = Atomic(false)
  private let group: any EventLoopGroup
  private let setUp: @Sendable (any Channel) -> EventLoopFuture<Void>
  /// Nothing comes of it but its end.
  private let end: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  private init(
    _ channel: any Channel,
    isPassed: Bool,
    _ group: any EventLoopGroup,
    _ setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) throws {
    guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
    self.address = address
    self.channel = channel
    self.isPassed = isPassed
    self.group = group
    self.setUp = setUp
    (end, continuation) = AsyncStream.makeStream(of: Never.self)
    channel.closeFuture.whenComplete { [self] _ in
      // The system does not let it accept any more.
      if !isStopping.load(ordering: .relaxed) { continuation.finish() }
    }
  }

  /// Begins to accept.
  ///
  /// - Parameter setUp: Makes an HTTP connection of one that was accepted, on its event loop; if it
  ///   throws, that one is closed.
  /// - Throws: `IOError` when the address is taken or not one of this machine.
  static func open(
    _ place: Place,
    on group: any EventLoopGroup,
    _ setUp: @escaping @Sendable (any Channel) throws -> Void
  ) async throws -> Acceptor {
    let setUp: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
      channel.eventLoop.makeCompletedFuture { try setUp(channel) }
    }
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer(setUp)
    let channel: any Channel
    var isPassed = false
    switch place {
    case .address(let host, let port):
      channel = try await bootstrap.bind(host: host, port: port).get()
    case .socket(let socket):
      isPassed = true
      channel = try await bootstrap.withBoundSocket(socket).get()
      // NIO has shortened the queue of a socket that it was given, before it looked at our options.
      listen(socket, backlog)
    }
    return try Acceptor(channel, isPassed: isPassed, group, setUp)
  }

  /// Returns when no more connections are accepted, or when its task is cancelled.
  func ended() async {
    for await _ in end {}
  }

  /// Accepts nobody more. Whoever was accepted is set up.
  func stop() async {
    isStopping.store(true, ordering: .relaxed)
    defer { continuation.finish() }
    do {
      try await channel.setOption(.autoRead, value: false).get()
      let spare = isPassed ? nil : try await duplicate()
      try await finishHandingOver()
      try await channel.close()
      if let spare { await acceptRest(of: spare) }
    } catch {
      // The channel was closed before, by an error of the system.
    }
  }

  /// A second descriptor of the socket, which stays open when the channel closes its own; nil when
  /// the process has no more files.
  private func duplicate() async throws -> Int32? {
    try await channel.eventLoop
      .submit { [channel] in
        try channel.pipeline.syncOperations
          .withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            let spare = fcntl(socket, F_DUPFD_CLOEXEC, 0)
            return spare >= 0 ? spare : nil
          } ?? nil
      }
      .get()
  }

  /// Waits for connections that are on their way from the server's event loop to their own and
  /// back, where they would find the server closed: a loop does things in order.
  private func finishHandingOver() async throws {
    for loop in group.makeIterator() { try await loop.submit {}.get() }
    try await channel.eventLoop.submit {}.get()
  }

  /// Accepts who still waits in the system's queue. A connection that comes between the look that
  /// finds it empty and the closing, or whose handshake is still on its way then, is refused; only
  /// a socket that was passed to us spares it that.
  private func acceptRest(of socket: Int32) async {
    var rest: [Int32] = []
    while rest.count < Self.backlog {
      let accepted = accept(socket, nil, nil)
      if accepted >= 0 {
        rest.append(accepted)
      } else if errno != ECONNABORTED && errno != EINTR {
        break
      }
    }
    close(socket)
    for accepted in rest {
      do {
        try await ClientBootstrap(group: group)
          .channelOption(.allowRemoteHalfClosure, value: true)
          .withConnectedSocket(accepted, channelInitializer: setUp)
      } catch {
        // NIO has closed it: the client was gone already.
      }
    }
  }
}
