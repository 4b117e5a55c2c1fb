import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An endpoint on a free port of this machine that keeps what it is told.
final class WebhookReceiver: Sendable {
  /// A request.
  struct Message: Sendable {
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
  }

  private struct State {
    var messages: [Message] = []
    var statuses: [Int]
  }

  private let state: Mutex<State>
  private let port = Mutex(0)

  /// What came so far, refused tries included.
  var received: [Message] { state.withLock { $0.messages } }
  var url: String { "http://127.0.0.1:\(port.withLock { $0 })/hook" }

  private init(statuses: [Int]) { state = Mutex(State(statuses: statuses)) }

  /// Gives the body a receiver that answers with these statuses, and then with 204.
  static func with(
    statuses: [Int],
    _ body: (WebhookReceiver) async throws -> Void
  ) async throws {
    let receiver = WebhookReceiver(statuses: statuses)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(WebhookHandler(receiver))
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    receiver.port.withLock { $0 = channel.localAddress?.port ?? 0 }
    do {
      try await body(receiver)
    } catch {
      try await channel.close()
      throw error
    }
    try await channel.close()
  }

  fileprivate func take(_ message: Message) -> Int {
    state.withLock { state in
      state.messages.append(message)
      return state.statuses.isEmpty ? 204 : state.statuses.removeFirst()
    }
  }
}

private final class WebhookHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let receiver: WebhookReceiver
  private var headers: [String: String] = [:]
  private var body: [UInt8] = []

  init(_ receiver: WebhookReceiver) { self.receiver = receiver }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
      body = []
    case .body(let part): body += part.readableBytesView
    case .end: answer(context)
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    let status = receiver.take(.init(headers: headers, body: body))
    // A redirect leads nowhere that would answer.
    let fields: HTTPHeaders = ["Content-Length": "0", "Location": "http://127.0.0.1:1/"]
    let head = HTTPResponseHead(
      version: .http1_1,
      status: .init(statusCode: status),
      headers: status == 204 ? [:] : fields
    )
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
