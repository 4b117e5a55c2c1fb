import CoreMetrics
import Domain
import HTTPTypes
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TLS

/// Our HTTP/1 connections, each with its task on its own event loop.
struct PinnedHTTPChannel: Sendable {
  /// The largest field of a header, which is what common proxies let through.
  private static let maximumFieldBytes = 8 * 1024
  /// How much of what a client does not read is kept before it gets no further responses.
  private static let unread = ChannelOptions.Types.WriteBufferWaterMark(
    low: 4 * 1024,
    high: 16 * 1024
  )
  /// The most that is read from a connection at once.
  private static let buffers = AdaptiveRecvByteBufferAllocator(
    minimum: 512,
    initial: 2048,
    maximum: 16 * 1024
  )
  /// How long an answer may take that was cancelled; nothing but the client can delay it.
  private static let cancelledTime = TimeAmount.milliseconds(250)

  let responder: APIResponder
  let executors: EventLoopExecutors
  let limits: ConnectionLimits
  let count: ConnectionCount
  /// What connections are encrypted with; nil for plain HTTP.
  let tls: ServerTLS?
  let metrics: RequestMetrics
  /// How long a connection may be idle when the service is about to stop.
  let farewell: Duration

  /// Makes an HTTP connection of one that was accepted. Called on the channel's event loop, before
  /// anything is read.
  func setUp(_ channel: any Channel) throws -> HTTPConnection {
    let handler = HTTPConnectionHandler(limits) { metrics.limited(by: $0) }
    let connection = HTTPConnection(channel: channel, handler: handler)
    if let limit = enter(connection) {
      try channel.pipeline.syncOperations.addHandler(RefusedConnectionHandler())
      metrics.limited(by: limit)
      handler.refuse()
      return connection
    }
    try setOptions(of: channel)
    let decoder = HTTPRequestDecoder(limitConfiguration: headerLimits)
    let intake = IntakeHandler(handler)
    try channel.pipeline.syncOperations
      .addHandlers([intake, ByteToMessageHandler(decoder), handler])
    try tls?.secure(channel, onOutcome: metrics.count(handshake:))
    return connection
  }

  /// Answers the requests of a connection until it is closed. When the service is about to stop,
  /// the connection ends with its next response or, if it is idle, without one.
  func handle(_ connection: HTTPConnection) async {
    metrics.connections.increment()
    defer { metrics.connections.decrement() }
    let executor = executors.executor(of: connection.channel.eventLoop)
    await withTaskExecutorPreference(executor) {
      await withTaskCancellationHandler {
        await withGracefulShutdownHandler {
          await serve(connection)
          // It fails only where closing does, and then the connection is gone as well.
          try? await connection.channel.closeFuture.get()
        } onGracefulShutdown: {
          connection.drain(within: TimeAmount(farewell))
        }
      } onCancel: {
        connection.endSoon(within: Self.cancelledTime)
      }
    }
  }

  /// Counts the connection for as long as it is open, or says which limit refuses it.
  private func enter(_ connection: HTTPConnection) -> Limit? {
    if let limit = count.enter(connection.peer) { return limit }
    let (count, peer) = (count, connection.peer)
    connection.channel.closeFuture.whenComplete { _ in count.left(peer) }
    return nil
  }

  private func setOptions(of channel: any Channel) throws {
    let options = channel.syncOptions
    // Several readings at once would be decoded at once.
    try options?.setOption(.maxMessagesPerRead, value: 1)
    try options?.setOption(.recvAllocator, value: Self.buffers)
    try options?.setOption(.writeBufferWaterMark, value: Self.unread)
  }

  private var headerLimits: NIOHTTPDecoderLimitConfiguration {
    var configuration = NIOHTTPDecoderLimitConfiguration()
    configuration.maxHeaderFieldSize = min(Self.maximumFieldBytes, limits.headBytes)
    configuration.maxHeaderListSize = limits.headBytes
    configuration.maxHeaderFieldCount = limits.headerFields
    return configuration
  }

  private func serve(_ connection: HTTPConnection) async {
    // Asked once for a connection, when its handshake is surely over.
    var hasCertificate: Bool?
    while let arrival = await connection.next() {
      switch arrival {
      case .request(let head, let body):
        let isProven =
          hasCertificate ?? (tls != nil && ServerTLS.hasClientCertificate(on: connection.channel))
        hasCertificate = isProven
        let request = IncomingRequest(
          head: head,
          body: body,
          peer: connection.peer,
          hasClientCertificate: isProven
        )
        connection.answer(await responder.respond(to: request))
      case .noHTTP:
        connection.answer(responder.refusal(.badRequest))
      case .headTooLarge:
        metrics.limited(by: .headSize)
        connection.answer(responder.refusal(.requestHeaderFieldsTooLarge))
      }
    }
  }
}

/// One connection, as its task sees it. Everything but `drain` and `endSoon` must be called on its
/// event loop, where its task runs.
struct HTTPConnection: Sendable {
  let channel: any Channel
  /// Read once: for each request it was 6 % of the instructions of a search for a host.
  let peer: IPAddress?
  private let handler: NIOLoopBound<HTTPConnectionHandler>

  /// Called on the channel's event loop.
  init(channel: any Channel, handler: HTTPConnectionHandler) {
    self.channel = channel
    peer = ClientAddress.address(of: channel.remoteAddress)
    self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
  }

  /// The next request; nil when none will come.
  fileprivate func next() async -> HTTPConnectionHandler.Arrival? {
    let handler = handler.value
    if let arrival = handler.arrival() { return arrival }
    return await withCheckedContinuation { handler.wait($0) }
  }

  fileprivate func answer(_ response: OutgoingResponse) {
    let handler = handler.value
    let isLast = response.isLast || handler.isEnding
    handler.answer(response.encoded(isLast: isLast), isLast: isLast)
  }

  /// Ends the connection with its next response, or when it was idle for that time.
  fileprivate func drain(within time: TimeAmount) {
    // A connection that is accepted meanwhile knows it before its first request.
    if channel.eventLoop.inEventLoop {
      handler.value.drain(within: time)
    } else {
      channel.eventLoop.execute { handler.value.drain(within: time) }
    }
  }

  /// Ends the connection as soon as what was received is answered, and after that time anyway.
  fileprivate func endSoon(within time: TimeAmount) {
    channel.eventLoop.execute {
      handler.value.end()
      channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
  }
}

/// Closes a connection that is one too many, as soon as it may be closed: before that it would be
/// taken for one that could not be set up.
private final class RefusedConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelActive(context: ChannelHandlerContext) {
    context.close(promise: nil)
  }
}
