import NIOCore
import NIOHTTP1

/// Stands first on a connection and takes in no more than is answered.
///
/// Whole requests of the usual form it reads itself. With the first thing that the scanner does not
/// know it puts the library's decoder behind itself, which then reads the rest of the connection.
///
/// The decoder takes apart all that it is given, and a head takes thirty times the memory of the
/// shortest request. So it is given little at a time, and nothing while a request waits for the one
/// before it. The intake also tells the connection when bytes come, which the decoder keeps to
/// itself until it has a whole head. Used from its channel's event loop only.
final class IntakeHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// A request of ours in one piece; at most 57 of the shortest ones. The beginning of a request
  /// is kept for the scanner up to this size.
  private static let sliceBytes = 1024
  /// More than one reading gives. Only when the client closes its side does the system hand us all
  /// that it still holds, and one who sent more than this waits for no answers.
  private static let maximumHeldBytes = 256 * 1024

  private let connection: HTTPConnectionHandler
  private let terms: ConnectionTerms
  private var context: ChannelHandlerContext?
  private var held = ByteBuffer()
  /// Whether the library's decoder reads.
  private var isDecoding = false
  private var isFeeding = false
  private var isInputClosed = false

  init(_ connection: HTTPConnectionHandler, _ terms: ConnectionTerms) {
    self.connection = connection
    self.terms = terms
  }

  /// Whether nothing is held back.
  var isEmpty: Bool { held.readableBytes == 0 }

  /// Goes on with what was held back.
  func feed() {
    guard let context, !isFeeding else { return }
    isFeeding = true
    while connection.wantsMore, held.readableBytes > 0, take(context) {}
    isFeeding = false
    guard held.readableBytes == 0 else { return }
    held = ByteBuffer()
    if isInputClosed {
      isInputClosed = false
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }
  }

  /// Takes a piece of what is held; false when more has to come first.
  private func take(_ context: ChannelHandlerContext) -> Bool {
    guard !isDecoding else {
      decode(context)
      return true
    }
    switch terms.scanner.scan(held) {
    case .request(let head, let body, let byteCount):
      held.moveReaderIndex(forwardBy: byteCount)
      connection.received(head, body)
      return true
    case .incomplete where held.readableBytes < Self.sliceBytes && !isInputClosed:
      connection.receivedBeginning(of: held.readableBytes)
      return false
    case .incomplete, .unusual:
      return beginDecoding(context)
    }
  }

  private func decode(_ context: ChannelHandlerContext) {
    let count = min(held.readableBytes, Self.sliceBytes)
    guard let slice = held.readSlice(length: count), connection.wants(count) else { return }
    context.fireChannelRead(wrapInboundOut(slice))
  }

  private func beginDecoding(_ context: ChannelHandlerContext) -> Bool {
    let decoder = HTTPRequestDecoder(limitConfiguration: terms.decoderLimits)
    do {
      try context.pipeline.syncOperations
        .addHandler(ByteToMessageHandler(decoder), position: .after(self))
      isDecoding = true
      return true
    } catch {
      // The connection is gone.
      context.close(promise: nil)
      return false
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
    feed()
  }
}
