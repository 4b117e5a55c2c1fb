import NIOCore
import NIOPosix
public import NIOSSL

/// One encrypted connection to a server of this machine, which stays open between requests. A
/// client library would not say which of its connections it uses.
public final class TLSConnection {
  private typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Past this an answer is not one of ours.
  private static let largestAnswer = 1 << 20

  /// What the server has shown.
  public let certificate: NIOSSLCertificate
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

  private init(
    _ certificate: NIOSSLCertificate,
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.certificate = certificate
    self.inbound = inbound.makeAsyncIterator()
    self.outbound = outbound
  }

  /// Connects, shakes hands, runs the body, and closes. Throws what the handshake failed with, and
  /// ``SupportError`` when all is not over within `limit`.
  public static func open<Result: Sendable>(
    port: Int,
    _ configuration: TLSConfiguration,
    host: String = "localhost",
    within limit: Duration = .seconds(20),
    _ body: @escaping @Sendable (TLSConnection) async throws -> Result
  ) async throws -> Result {
    try await Waiting.limited("a connection with TLS", to: limit) {
      let context = try NIOSSLContext(configuration: configuration)
      let handshake = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
      let stream: Stream = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let tls = try NIOSSLClientHandler(context: context, serverHostname: host)
            try channel.pipeline.syncOperations.addHandlers(tls, HandshakeWaiter(handshake))
            return try Stream(wrappingChannelSynchronously: channel)
          }
        }
      return try await stream.executeThenClose { inbound, outbound in
        try await handshake.futureResult.get()
        let certificate = try await stream.channel.nioSSL_peerCertificate().get()
        guard let certificate else { throw SupportError("the server has no certificate") }
        return try await body(TLSConnection(certificate, inbound, outbound))
      }
    }
  }

  /// Sends a request and returns the head and as much of the body as came with a complete JSON
  /// document; throws when the server closes before.
  public func exchange(_ request: String) async throws -> String {
    try await outbound.write(ByteBuffer(string: request))
    var answer = ""
    while !answer.hasSuffix("}") {
      guard let part = try await inbound.next(), answer.utf8.count < Self.largestAnswer else {
        throw SupportError("the server closed after: \(answer)")
      }
      answer += String(buffer: part)
    }
    return answer
  }
}

/// Tells how a handshake ended.
private final class HandshakeWaiter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var promise: EventLoopPromise<Void>?

  init(_ promise: EventLoopPromise<Void>) {
    self.promise = promise
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if "\(event)".hasPrefix("handshakeCompleted") { finish(.success(())) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.failure(error))
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(SupportError("the server closed")))
    context.fireChannelInactive()
  }

  private func finish(_ result: Result<Void, any Error>) {
    promise?.completeWith(result)
    promise = nil
  }
}
