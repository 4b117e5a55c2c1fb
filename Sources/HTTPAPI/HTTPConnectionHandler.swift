import Domain
import NIOCore
import NIOHTTP1

/// The thin shell around the state machine of one HTTP/1 connection: it hands out whole requests,
/// writes whole responses, and ends the connection.
///
/// A request and its response cross the border between the event loop and a task once each. With a
/// stream of parts in both directions, as `NIOAsyncChannel` has them, and the framework's context
/// and logger for each request, the smallest one cost 24 µs of CPU; so it cost 14. Used from its
/// channel's event loop only.
final class HTTPConnectionHandler: ChannelDuplexHandler, NIOScheduledCallbackHandler {
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

  /// What bytes come through, while it is there.
  var intake: IntakeHandler?
  /// The other end of the connection. Read once: for each request it was 6 % of the instructions
  /// of a search for a host.
  let peer: IPAddress?
  /// Whether the other end has proved who it is by a certificate; nil while nobody has looked.
  var hasClientCertificate: Bool?
  private let loop: ConnectionLoop
  private let terms: ConnectionTerms
  private var state: StateMachine
  private var clock: ConnectionClock
  private var context: ChannelHandlerContext?
  /// Whether a task answers what has come, or will begin to in a moment.
  private var isServed = false
  private var timer: NIOScheduledCallback?
  private var lingerTime = HTTPConnectionHandler.lingerTime
  private var isReadHeldBack = false
  /// Bytes that the decoder got since it last gave something, which is what it keeps.
  private var undecodedBytes = 0

  /// - Parameters:
  ///   - peer: The other end, if it has an address.
  ///   - loop: Told when there is something to answer.
  init(
    peer: IPAddress?,
    _ terms: ConnectionTerms,
    on loop: ConnectionLoop
  ) {
    self.peer = peer
    self.terms = terms
    self.loop = loop
    state = StateMachine(maximumBodyBytes: terms.limits.bodyBytes)
    clock = ConnectionClock(openedAt: .now())
  }

  /// The request that came next; nil when there is none yet, and then the task that asks is done.
  func arrival() -> Arrival? {
    if !state.hasNext { readOn() }
    let arrival = state.next()
    isServed = arrival != nil
    if isServed { readOn() }
    return arrival
  }

  /// The channel, until it is closed.
  var channel: (any Channel)? { context?.channel }

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

  /// Ends the connection as soon as what was received is answered, and after that time anyway.
  func end(within time: TimeAmount) {
    guard let channel = context?.channel else { return }
    state.drain()
    perform(state.endIfIdle())
    channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }

  /// Ends the connection at once, because of a limit.
  func cut(by limit: Limit) {
    guard let context else { return }
    terms.metrics.limited(by: limit)
    state.close()
    context.close(promise: nil)
  }

  // MARK: For the intake

  /// Whether more should be read.
  var wantsMore: Bool { state.wantsMore }

  /// A request came in one piece.
  func received(_ head: RequestHead, _ body: [UInt8]) {
    clock.requestCame()
    undecodedBytes = 0
    perform(state.received(head, body))
    announce()
  }

  /// The intake keeps the beginning of a request.
  func receivedBeginning(of count: Int) {
    clock.received(at: .now())
    undecodedBytes = count
  }

  /// Whether the decoder should get so many bytes more. Those that it does not get are thrown away.
  func wants(_ count: Int) -> Bool {
    clock.received(at: .now())
    guard !state.isBroken else {
      perform(state.discarded(count))
      return false
    }
    undecodedBytes += count
    guard undecodedBytes > terms.limits.headBytes else { return true }
    state.parsingFailed(isHeadTooLarge: true)
    announce()
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
    announce()
  }

  func read(context: ChannelHandlerContext) {
    // A client that sends requests without waiting is read as fast as it is answered. What comes
    // next may come in, though: to stop reading and go on needs two calls of the system.
    if mayRead { context.read() } else { isReadHeldBack = true }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.close(promise: nil)
      return
    }
    state.parsingFailed(isHeadTooLarge: error == .headerOverflow)
    announce()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    let isWritable = context.channel.isWritable
    state.outputChanged(isFull: !isWritable)
    if isWritable {
      clock.responseTaken(at: .now())
      announce()
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

  /// Has what came answered, unless a task does so already.
  private func announce() {
    guard !isServed, state.hasNext else { return }
    isServed = true
    loop.serve(self)
  }

  /// Whether the system may hand out more, once.
  private var mayRead: Bool { state.wantsMore || state.takesOutput && intake?.isEmpty ?? true }

  /// Reads what was held back, first what is here already. Feeding can call this anew, so nothing
  /// may be under way.
  private func readOn() {
    intake?.feed()
    guard isReadHeldBack, mayRead else { return }
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
  }

  /// One timer a connection, set anew when it fires and not with each request.
  private func scheduleTimer() {
    let look = clock.nextLook(after: .now(), within: terms.limits, isAnswering: state.isAnswering)
    do {
      // Unlike a task it has no future, which nobody would wait for: a third of a KiB.
      timer = try context?.eventLoop.assumeIsolated().scheduleCallback(at: look, handler: self)
    } catch {
      // The loop has ended, and all of its connections with it.
    }
  }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    timer = nil
    let end = clock.end(within: terms.limits, isAnswering: state.isAnswering)
    if let end, end.at <= .now() {
      cut(by: end.limit)
    } else {
      scheduleTimer()
    }
  }
}
