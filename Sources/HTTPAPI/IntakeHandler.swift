import NIOCore

/// Stands before the decoder and feeds it no faster than requests are answered.
///
/// The decoder takes apart all that it is given, and a head takes thirty times the memory of the
/// shortest request. So it is given little at a time, and nothing while a request waits for the one
/// before it. It also tells the connection when bytes come, which the decoder keeps to itself until
/// it has a whole head. Used from its channel's event loop only.
final class IntakeHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// A request of ours in one piece; at most 57 of the shortest ones.
  private static let sliceBytes = 1024
  /// More than one reading gives. Only when the client closes its side does the system hand us all
  /// that it still holds, and one who sent more than this waits for no answers.
  private static let maximumHeldBytes = 256 * 1024

  private let connection: HTTPConnectionHandler
  private var context: ChannelHandlerContext?
  private var held = ByteBuffer()
  private var isFeeding = false
  private var isInputClosed = false

  init(_ connection: HTTPConnectionHandler) {
    self.connection = connection
  }

  /// Goes on with what was held back.
  func feed() {
    guard let context, !isFeeding else { return }
    isFeeding = true
    while connection.wantsMore, held.readableBytes > 0,
      let slice = held.readSlice(length: min(held.readableBytes, Self.sliceBytes))
    {
      guard connection.wants(slice.readableBytes) else { continue }
      context.fireChannelRead(wrapInboundOut(slice))
    }
    isFeeding = false
    guard held.readableBytes == 0 else { return }
    held = ByteBuffer()
    if isInputClosed {
      isInputClosed = false
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }
  }

  // MARK: ChannelInboundHandler

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    connection.intake = self
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    connection.intake = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if held.readableBytes == 0 { held = bytes } else { held.writeBuffer(&bytes) }
    feed()
    if held.readableBytes > Self.maximumHeldBytes { connection.cut(by: .pipelining) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event as? ChannelEvent == .inputClosed, held.readableBytes > 0 else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    isInputClosed = true
  }
}
