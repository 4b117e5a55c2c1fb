import NIOCore
import NIOTLS

/// Watches a server's handshake behind the handler that performs it: tells how it ended, and ends
/// the connection when it takes too long. After the handshake it leaves the pipeline.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let limit: TimeAmount
  private var onOutcome: ((ServerTLS.Outcome) -> Void)?
  private var timer: Scheduled<Void>?

  init(limit: Duration, onOutcome: @escaping (ServerTLS.Outcome) -> Void) {
    self.limit = TimeAmount(limit)
    self.onOutcome = onOutcome
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    timer = context.eventLoop.assumeIsolated()
      .scheduleTask(in: limit) {
        self.tell(.timedOut)
        channel.close(promise: nil)
      }
  }

  func handlerRemoved(context: ChannelHandlerContext) { tell(.failed) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent {
      tell(.completed)
      context.fireUserInboundEventTriggered(event)
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    tell(.failed)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    tell(.failed)
    context.fireChannelInactive()
  }

  /// Only the first outcome counts.
  private func tell(_ outcome: ServerTLS.Outcome) {
    timer?.cancel()
    timer = nil
    onOutcome?(outcome)
    onOutcome = nil
  }
}
