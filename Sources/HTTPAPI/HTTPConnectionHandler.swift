import NIOCore
import NIOHTTP1

/// The thin shell around the state machine of one HTTP/1 connection: it hands whole requests to
/// the connection's task, writes whole responses, and ends the connection.
///
/// A request and its response cross the border between the event loop and the task once each.
/// With a stream of parts in both directions, as `NIOAsyncChannel` has them, and the framework's
/// context and logger for each request, the smallest one cost 24 µs of CPU; so it costs 14. Used
/// from its channel's event loop only.
final class HTTPConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer
  typealias Arrival = StateMachine.Arrival

  /// How long a connection may be idle: more than the 60 s of common proxies, so that they close
  /// first and never send a request into a connection that we are just closing.
  private static let idleTimeout = TimeAmount.seconds(75)
  /// How long a client may go on sending after its last response: one that reads at all has read
  /// that by then. To close at once would reset the connection, and could destroy the response.
  private static let lingerTime = TimeAmount.seconds(2)

  private var state = StateMachine()
  private var context: ChannelHandlerContext?
  /// The connection's task, while it waits for a request.
  private var waiter: CheckedContinuation<Arrival?, Never>?
  private var lastActivity = NIODeadline.now()
  private var idleTimer: Scheduled<Void>?
  private var isReadHeldBack = false

  /// The request that came next, if it is there already.
  func arrival() -> Arrival? {
    let arrival = state.next()
    if isReadHeldBack, state.wantsMore {
      isReadHeldBack = false
      context?.read()
    }
    return arrival
  }

  /// Hands the next request to the waiting task, or nil when none will come.
  func wait(_ waiter: CheckedContinuation<Arrival?, Never>) {
    precondition(self.waiter == nil, "A connection has one task.")
    self.waiter = waiter
    wakeTask()
  }

  /// Whether the response to the latest request is the last one, whatever that request says.
  var isEnding: Bool { state.isEnding }

  /// Writes the response to the latest request. `isLast` says that it announces the end of the
  /// connection.
  func answer(_ response: ByteBuffer, isLast: Bool) {
    lastActivity = .now()
    guard let context, !state.isClosed else { return }
    context.writeAndFlush(wrapOutboundOut(response), promise: nil)
    perform(state.answered(isLast: isLast))
  }

  /// Ends the connection as soon as what was received is answered.
  func end() { perform(state.end(isInputClosed: false)) }

  // MARK: ChannelDuplexHandler

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    scheduleIdleTimer(after: Self.idleTimeout)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    connectionEnded()
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastActivity = .now()
    perform(state.received(unwrapInboundIn(data)))
    wakeTask()
  }

  func read(context: ChannelHandlerContext) {
    // A client that sends requests without waiting is read as fast as it is answered.
    if state.wantsMore { context.read() } else { isReadHeldBack = true }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError else {
      context.close(promise: nil)
      return
    }
    state.parsingFailed()
    wakeTask()
  }

  func channelInactive(context: ChannelHandlerContext) {
    connectionEnded()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: end()
    case ChannelEvent.inputClosed: perform(state.end(isInputClosed: true))
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  // MARK: Actions

  private func wakeTask() {
    guard let waiter else { return }
    let arrival = arrival()
    guard arrival != nil || state.isClosed else { return }
    self.waiter = nil
    waiter.resume(returning: arrival)
  }

  private func perform(_ action: StateMachine.Action) {
    switch action {
    case .proceed: break
    case .close: context?.close(promise: nil)
    case .linger: linger()
    }
  }

  private func linger() {
    guard let channel = context?.channel else { return }
    channel.eventLoop.scheduleTask(in: Self.lingerTime) { channel.close(promise: nil) }
  }

  private func connectionEnded() {
    idleTimer?.cancel()
    idleTimer = nil
    state.close()
    wakeTask()
  }

  /// One timer a connection, set anew when it fires and not with each request.
  private func scheduleIdleTimer(after time: TimeAmount) {
    idleTimer = context?.eventLoop.assumeIsolated()
      .scheduleTask(in: time) { self.idleTimerFired() }
  }

  private func idleTimerFired() {
    idleTimer = nil
    let rest = lastActivity + Self.idleTimeout - .now()
    if !state.isClientsTurn {
      scheduleIdleTimer(after: Self.idleTimeout)
    } else if rest > .zero {
      scheduleIdleTimer(after: rest)
    } else {
      context?.close(promise: nil)
    }
  }
}
