import CoreMetrics
import Domain
import HTTPTypes
import NIOCore
import TLS

/// Makes HTTP/1 connections of what was accepted, and answers what comes on them, each on its own
/// event loop.
final class ConnectionServer: Sendable {
  /// How much of what a client does not read is kept before it gets no further responses.
  private static let unread = ChannelOptions.Types.WriteBufferWaterMark(
    low: 4 * 1024,
    high: 16 * 1024
  )
  /// How long an answer may take that was cancelled; nothing but the client can delay it.
  private static let cancelledTime = TimeAmount.milliseconds(250)

  let responder: APIResponder
  let count: ConnectionCount
  /// What connections are encrypted with; nil for plain HTTP.
  let tls: ServerTLS?
  let metrics: RequestMetrics
  /// How long a connection may be idle when the service is about to stop.
  let farewell: Duration
  private let terms: ConnectionTerms
  private let loops: [ObjectIdentifier: ConnectionLoop]

  init(
    responder: APIResponder,
    executors: EventLoopExecutors,
    limits: ConnectionLimits,
    count: ConnectionCount,
    tls: ServerTLS?,
    metrics: RequestMetrics,
    farewell: Duration
  ) {
    self.responder = responder
    terms = ConnectionTerms(limits, metrics: metrics)
    self.count = count
    self.tls = tls
    self.metrics = metrics
    self.farewell = farewell
    loops = Dictionary(
      uniqueKeysWithValues: executors.all.map { executor in
        (ObjectIdentifier(executor.eventLoop), ConnectionLoop(executor))
      }
    )
  }

  /// Makes an HTTP connection of one that was accepted. Called on the channel's event loop, before
  /// anything is read.
  func setUp(_ channel: any Channel) throws {
    let peer = ClientAddress.address(of: channel.remoteAddress)
    if let limit = count.enter(peer) {
      try channel.pipeline.syncOperations.addHandler(RefusedConnectionHandler())
      metrics.limited(by: limit)
      return
    }
    let loop = loop(of: channel)
    let handler = HTTPConnectionHandler(peer: peer, terms, on: loop)
    metrics.connections.increment()
    channel.closeFuture.assumeIsolated()
      .whenComplete { [self] _ in
        loop.remove(handler)
        metrics.connections.decrement()
        count.left(handler.peer)
      }
    try setOptions(of: channel)
    try channel.pipeline.syncOperations.addHandlers([IntakeHandler(handler, terms), handler])
    try tls?.secure(channel, onOutcome: metrics.count(handshake:))
    try loop.add(handler)
  }

  /// Answers what comes on connections, until ``finish()`` was called and all are closed.
  func run() async {
    await withDiscardingTaskGroup { tasks in
      for loop in loops.values {
        tasks.addTask(executorPreference: loop.executor) {
          await loop.run(cancelledWithin: Self.cancelledTime) { await self.serve($0.handler) }
        }
      }
    }
  }

  /// The service is about to stop: a connection ends with its next response or, if it is idle,
  /// without one.
  func drain() {
    for loop in loops.values { loop.drain(within: TimeAmount(farewell)) }
  }

  /// No connections are accepted any more.
  func finish() {
    for loop in loops.values { loop.finish() }
  }

  private func loop(of channel: any Channel) -> ConnectionLoop {
    guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else {
      preconditionFailure("A listener's connections run on the loops of its own group.")
    }
    return loop
  }

  private func setOptions(of channel: any Channel) throws {
    let options = channel.syncOptions
    // Several readings at once would be decoded at once.
    try options?.setOption(.maxMessagesPerRead, value: 1)
    try options?.setOption(.recvAllocator, value: ReceiveBuffers())
    try options?.setOption(.writeBufferWaterMark, value: Self.unread)
  }

  /// Answers what has come on a connection.
  private func serve(_ connection: HTTPConnectionHandler) async {
    while let arrival = connection.arrival() {
      switch arrival {
      case .request(let head, let body):
        let request = IncomingRequest(
          head: head,
          body: body,
          peer: connection.peer,
          hasClientCertificate: hasClientCertificate(connection)
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

  /// Asked once for a connection, when its handshake is surely over.
  private func hasClientCertificate(_ connection: HTTPConnectionHandler) -> Bool {
    guard tls != nil else { return false }
    if let known = connection.hasClientCertificate { return known }
    let isProven = connection.channel.map(ServerTLS.hasClientCertificate) ?? false
    connection.hasClientCertificate = isProven
    return isProven
  }
}

extension HTTPConnectionHandler {
  fileprivate func answer(_ response: OutgoingResponse) {
    let isLast = response.isLast || isEnding
    answer(response.encoded(isLast: isLast), isLast: isLast)
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
