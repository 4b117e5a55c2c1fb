import NIOCore

/// The thin shell around the state machine: it encodes commands, feeds the parser, and performs
/// what the state machine says. Used from its channel's event loop only.
final class RedisChannelHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  typealias Reply = OneShot

  /// A graceful end waits this long for replies. Callers give up after about as long, so nobody
  /// who still waits is cut off.
  static let drainTimeout = TimeAmount.seconds(2)
  /// The buffer for outgoing commands is kept between turns up to this size.
  private static let idleBufferBytes = 256 << 10

  private let eventLoop: any EventLoop
  private let health: ConnectionHealth
  private var state: StateMachine<Reply>
  private var parser = ReplyParser()
  private var context: ChannelHandlerContext?
  private var outgoing = ByteBuffer()
  private var isFlushScheduled = false
  /// Fires at the earliest deadline of all callers, not once per command.
  private var timer: Scheduled<Void>?
  private var drainTimer: Scheduled<Void>?

  init(eventLoop: any EventLoop, health: ConnectionHealth, maximumInFlight: Int) {
    self.eventLoop = eventLoop
    self.health = health
    self.state = StateMachine(maximumInFlight: maximumInFlight)
  }

  /// Queues one command for the next write. Its reply, or an error, goes to `reply`.
  func submit(_ command: RedisCommand, deadline: NIODeadline, reply: Reply) {
    guard accept(reply, commandCount: 1, isPipeline: false, deadline: deadline) else { return }
    command.encode(into: &outgoing)
    scheduleFlush()
  }

  /// Queues commands that are answered together, by one array with a reply for each.
  func submit(pipeline: [RedisCommand], deadline: NIODeadline, reply: Reply) {
    let count = pipeline.count
    guard accept(reply, commandCount: count, isPipeline: true, deadline: deadline) else { return }
    for command in pipeline { command.encode(into: &outgoing) }
    scheduleFlush()
  }

  /// Takes no more commands, and closes the channel after the last reply.
  func drain() {
    health.retire()
    perform(state.drain())
    guard state.isOpen else { return }
    let loop = eventLoop.assumeIsolated()
    drainTimer = loop.scheduleTask(in: Self.drainTimeout) {
      self.close(.connectionLost("the replies did not come before the shutdown"))
    }
  }

  /// Ends the connection without waiting for replies.
  func drop(_ reason: String) { close(.connectionLost(reason)) }

  // MARK: ChannelInboundHandler

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    close(.connectionLost("the connection was closed"))
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = Self.unwrapInboundIn(data)
    do throws(RedisError) {
      while buffer.readableBytes > 0, state.isOpen {
        try parser.feed(&buffer)
        while state.isOpen, let reply = try parser.next() { receive(reply) }
      }
    } catch {
      close(error)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    close(.connectionLost("the server closed the connection"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(.connectionLost("\(error)"))
  }

  // MARK: Actions

  private func accept(
    _ reply: Reply,
    commandCount: Int,
    isPipeline: Bool,
    deadline: NIODeadline
  ) -> Bool {
    let action = state.submit(
      reply,
      commandCount: commandCount,
      isPipeline: isPipeline,
      deadline: deadline
    )
    switch action {
    case .write(let timer):
      if let timer { setTimer(timer) }
      return true
    case .refuse(let error):
      reply.finish(.failure(error))
      return false
    }
  }

  /// All commands of one turn of the event loop leave in one write.
  private func scheduleFlush() {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    eventLoop.assumeIsolated().execute { self.flush() }
  }

  private func flush() {
    isFlushScheduled = false
    guard state.isOpen, let context else { return }
    context.writeAndFlush(Self.wrapOutboundOut(outgoing), promise: nil)
    if outgoing.capacity > Self.idleBufferBytes {
      outgoing = ByteBuffer()
    } else {
      outgoing.clear()
    }
  }

  private func receive(_ reply: RedisReply) {
    let action = state.receive(reply)
    if let completed = action.completed { completed.waiter.finish(.success(completed.reply)) }
    perform(action.next)
  }

  private func perform(_ next: StateMachine<Reply>.Next) {
    switch next {
    case .proceed: break
    case .drop(let error): close(error)
    }
  }

  private func setTimer(_ deadline: NIODeadline) {
    timer?.cancel()
    timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.timerFired() }
  }

  private func timerFired() {
    timer = nil
    switch state.timerFired(now: eventLoop.now) {
    case .rest: break
    case .wait(let deadline, let expired):
      for reply in expired { reply.finish(.failure(.deadlineExceeded)) }
      setTimer(deadline)
    case .drop(let error): close(error)
    }
  }

  /// Closing twice is harmless: the first reason counts.
  private func close(_ error: RedisError) {
    guard state.isOpen else { return }
    let failures = state.close(error)
    health.end(error.closeReason)
    timer?.cancel()
    timer = nil
    drainTimer?.cancel()
    drainTimer = nil
    for failure in failures { failure.waiter.finish(.failure(failure.error)) }
    context?.close(promise: nil)
  }
}
