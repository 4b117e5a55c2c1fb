import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection after a response that says `Connection: close`, and puts a request id on the
/// one response that never reaches our routes: Hummingbird's 400 for bytes that are no HTTP.
///
/// When the client is still sending (a body beyond the bound), closing at once would reset the
/// connection and could destroy the response before the client has read it. So what still comes is
/// thrown away for a moment first; how much and how long is bounded.
final class ConnectionCloser: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How long a client may go on sending: a client that reads at all has read the answer by then.
  private static let lingerTime = TimeAmount.seconds(2)
  /// How much a client may go on sending, 1 MiB: what is in flight on a fast and long line.
  private static let lingerBytes = 1024 * 1024

  private enum State {
    /// Requests and responses pass.
    case open
    /// The head of the last response has been written.
    case lastResponse
    /// The last response is out; what comes in is thrown away.
    case lingering(discardedBytes: Int)
  }

  private var state = State.open
  /// Whether the latest request's end is still to come.
  private var isReceiving = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if case .end = part { isReceiving = false } else { isReceiving = true }
    guard case .lingering(let discardedBytes) = state else {
      context.fireChannelRead(data)
      return
    }
    var total = discardedBytes
    if case .body(let buffer) = part { total += buffer.readableBytes }
    state = .lingering(discardedBytes: total)
    if !isReceiving || total > Self.lingerBytes { context.close(promise: nil) }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch (unwrapOutboundIn(data), state) {
    case (_, .lingering):
      promise?.fail(ChannelError.ioOnClosedChannel)
    case (.head(var head), _):
      if head.headerFields[.connection] == "close" { state = .lastResponse }
      if head.headerFields[.requestID] == nil { head.headerFields[.requestID] = RequestID.random() }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case (.end, .lastResponse):
      writeEnd(context: context, data: data, promise: promise)
    case (.body, _), (.end, .open):
      context.write(data, promise: promise)
    }
  }

  private func writeEnd(
    context: ChannelHandlerContext,
    data: NIOAny,
    promise: EventLoopPromise<Void>?
  ) {
    context.writeAndFlush(data, promise: promise)
    guard isReceiving else {
      context.close(promise: nil)
      return
    }
    state = .lingering(discardedBytes: 0)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: Self.lingerTime) { channel.close(promise: nil) }
  }
}
