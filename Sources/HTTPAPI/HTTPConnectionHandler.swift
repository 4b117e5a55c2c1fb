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

  /// How long a client may go on sending after its last response: one that reads at all has read
  /// that by then. To close at once would reset the connection, and could destroy the response.
  private static let lingerTime = TimeAmount.seconds(2)
  /// The same when the service stops, which the start of the next instance waits for: the time in
  /// which a request that met our farewell comes in, from wherever. Only clients that do not close
  /// in return need it.
  private static let drainLingerTime = TimeAmount.milliseconds(250)
  /// When to look again at a connection that was not quite idle.
  private static let nextLook = TimeAmount.milliseconds(50)

  /// What feeds the decoder, while it is there.
  var intake: IntakeHandler?
  private let limits: ConnectionLimits
  private let onCut: (Limit) -> Void
  private var state: StateMachine
  private var clock: ConnectionClock
  private var context: ChannelHandlerContext?
  /// The connection's task, while it waits for a request.
  private var waiter: CheckedContinuation<Arrival?, Never>?
  private var timer: Scheduled<Void>?
  private var lingerTime = HTTPConnectionHandler.lingerTime
  private var isReadHeldBack = false
  /// Bytes that the decoder got since it last gave something, which is what it keeps.
  private var undecodedBytes = 0

  /// - Parameter onCut: Told which limit ended the connection.
  init(_ limits: ConnectionLimits, onCut: @escaping (Limit) -> Void) {
    self.limits = limits
    self.onCut = onCut
    state = StateMachine(maximumBodyBytes: limits.bodyBytes)
    clock = ConnectionClock(limits, openedAt: .now())
  }

  /// The request that came next, if it is there already.
  func arrival() -> Arrival? {
    let arrival = state.next()
    readOn()
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
    clock.answered(at: .now())
    guard let context, !state.isClosed else { return }
    let action = state.answered(isLast: isLast)
    guard action != .proceed else {
      context.writeAndFlush(wrapOutboundOut(response), promise: nil)
      return
    }
    // Closing throws away what the system has not taken yet, so that comes first.
    clock.responseStalled(at: .now())
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated()
      .whenComplete { _ in
        self.clock.responseTaken(at: .now())
        self.perform(action)
      }
    context.writeAndFlush(wrapOutboundOut(response), promise: written)
  }

  /// The service is about to stop. The next response says that it is the last one; a connection on
  /// which nothing is asked within that time ends without one.
  ///
  /// HTTP has no way to tell a client that before its next request, and a request can always meet
  /// our end of the connection halfway. So a client gets time to ask once more; what was asked
  /// before the end is answered; and what comes later is thrown away unread, while the client reads
  /// that the connection has ended. It is never reset meanwhile, which would look like a crash.
  func drain(within time: TimeAmount) {
    state.drain()
    lingerTime = Self.drainLingerTime
    endIfIdle(in: time)
  }

  /// Ends the connection without waiting for more; what was received is answered.
  func end() {
    state.drain()
    perform(state.endIfIdle())
  }

  /// The connection is one too many: there is no request on it.
  func refuse() { state.close() }

  /// Ends the connection at once, because of a limit.
  func cut(by limit: Limit) {
    guard let context else { return }
    onCut(limit)
    state.close()
    context.close(promise: nil)
  }

  // MARK: For the intake

  /// Whether more should be decoded.
  var wantsMore: Bool { state.wantsMore }

  /// Whether the decoder should get so many bytes more. Those that it does not get are thrown away.
  func wants(_ count: Int) -> Bool {
    clock.received(at: .now())
    guard !state.isBroken else {
      perform(state.discarded(count))
      return false
    }
    undecodedBytes += count
    guard undecodedBytes > limits.headBytes else { return true }
    state.parsingFailed(isHeadTooLarge: true)
    wakeTask()
    return false
  }

  // MARK: ChannelDuplexHandler

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    scheduleTimer()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    connectionEnded()
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    undecodedBytes = 0
    if case .end = part { clock.requestCame() }
    perform(state.received(part))
    wakeTask()
  }

  func read(context: ChannelHandlerContext) {
    // A client that sends requests without waiting is read as fast as it is answered.
    if state.wantsMore { context.read() } else { isReadHeldBack = true }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.close(promise: nil)
      return
    }
    state.parsingFailed(isHeadTooLarge: error == .headerOverflow)
    wakeTask()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    let isWritable = context.channel.isWritable
    state.outputChanged(isFull: !isWritable)
    if isWritable {
      clock.responseTaken(at: .now())
      wakeTask()
      readOn()
    } else {
      clock.responseStalled(at: .now())
    }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    connectionEnded()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed: perform(state.inputClosed())
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  // MARK: Actions

  private func wakeTask() {
    guard let waiter else { return }
    let arrival = state.next()
    guard arrival != nil || state.isClosed else { return }
    self.waiter = nil
    waiter.resume(returning: arrival)
    readOn()
  }

  /// Reads what was held back, first what is here already. Feeding can call this anew, so nothing
  /// may be under way.
  private func readOn() {
    intake?.feed()
    guard isReadHeldBack, state.wantsMore else { return }
    isReadHeldBack = false
    context?.read()
  }

  private func perform(_ action: StateMachine.Action) {
    switch action {
    case .proceed: break
    case .close: context?.close(promise: nil)
    case .linger: linger()
    }
  }

  private func linger() {
    guard let context else { return }
    let channel = context.channel
    context.close(mode: .output, promise: nil)
    context.eventLoop.scheduleTask(in: lingerTime) { channel.close(promise: nil) }
  }

  private func endIfIdle(in time: TimeAmount) {
    context?.eventLoop.assumeIsolated()
      .scheduleTask(in: time) {
        guard let channel = self.context?.channel else { return }
        // The beginning of a request is one, though the decoder has not given it yet.
        guard self.undecodedBytes == 0 else { return }
        if channel.hasUnreadBytes {
          self.endIfIdle(in: Self.nextLook)
        } else {
          self.perform(self.state.endIfIdle())
        }
      }
  }

  private func connectionEnded() {
    timer?.cancel()
    timer = nil
    state.close()
    wakeTask()
  }

  /// One timer a connection, set anew when it fires and not with each request.
  private func scheduleTimer() {
    let look = clock.nextLook(after: .now(), isAnswering: state.isAnswering)
    timer = context?.eventLoop.assumeIsolated()
      .scheduleTask(deadline: look) { self.timerFired() }
  }

  private func timerFired() {
    timer = nil
    if let end = clock.end(isAnswering: state.isAnswering), end.at <= .now() {
      cut(by: end.limit)
    } else {
      scheduleTimer()
    }
  }
}
