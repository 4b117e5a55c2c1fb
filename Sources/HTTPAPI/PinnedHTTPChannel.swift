import CoreMetrics
import Domain
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import TLS

/// Our HTTP/1 connections on Hummingbird's server, each with its task on its own event loop.
struct PinnedHTTPChannel: ServerChildChannel {
  /// The bounds of a request's header: 8 KiB for a field and 32 KiB for all are what common
  /// proxies let through; ours are well below 1 KiB.
  private static let headerLimits = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 8 * 1024
    limits.maxHeaderListSize = 32 * 1024
    limits.maxHeaderFieldCount = 100
    return limits
  }()

  let responder: APIResponder
  let executors: EventLoopExecutors
  /// What connections are encrypted with; nil for plain HTTP.
  let tls: ServerTLS?
  let metrics: RequestMetrics

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTPConnection> {
    channel.eventLoop.makeCompletedFuture {
      let decoder = HTTPRequestDecoder(limitConfiguration: Self.headerLimits)
      let handler = HTTPConnectionHandler()
      try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(decoder), handler])
      try tls?.secure(channel, onOutcome: metrics.count(handshake:))
      return HTTPConnection(channel: channel, handler: handler)
    }
  }

  func handle(value connection: HTTPConnection, logger: Logger) async {
    metrics.connections.increment()
    defer { metrics.connections.decrement() }
    let executor = executors.executor(of: connection.channel.eventLoop)
    await withTaskExecutorPreference(executor) {
      await withTaskCancellationHandler {
        await serve(connection)
      } onCancel: {
        connection.endSoon()
      }
    }
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
        connection.answer(responder.refusalOfNoHTTP())
      }
    }
  }
}

/// One connection, as its task sees it. Everything but `endSoon` must be called on its event loop,
/// where its task runs.
struct HTTPConnection: ServerChildChannelValue {
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

  /// Ends the connection as soon as what was received is answered.
  fileprivate func endSoon() {
    channel.eventLoop.execute { handler.value.end() }
  }
}
