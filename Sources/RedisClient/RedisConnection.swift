import NIOCore

/// One connection. Commands are sent in the order in which they are given, and answered in that
/// order. `RedisClient` keeps several; an `onConnect` hook gets one to examine the server with.
public final class RedisConnection: Sendable {
  /// Commands of a pipeline that are sent at once: so many short ones are a few packets.
  private static let commandsAtOnce = 256

  let eventLoop: any EventLoop
  let health: ConnectionHealth
  let channel: any Channel
  private let handler: NIOLoopBound<RedisChannelHandler>
  private let commandTimeout: Duration
  /// The master that the Sentinels named for it; nil when none were asked.
  private let master: SentinelMaster?

  /// Called on the channel's event loop, which the handler may not leave.
  init(
    channel: any Channel,
    handler: RedisChannelHandler,
    health: ConnectionHealth,
    commandTimeout: Duration,
    master: SentinelMaster? = nil
  ) {
    self.eventLoop = channel.eventLoop
    self.health = health
    self.channel = channel
    self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    self.commandTimeout = commandTimeout
    self.master = master
  }

  /// Ends at once when the Sentinels have made another server the master: nothing that the former
  /// one still says may be believed. Its callers do not know what became of their commands.
  func leave(for new: SentinelMaster) {
    guard let master, master.address != new.address, new.epoch >= master.epoch else { return }
    let reason = "the Sentinels have made \(new.address) the master in place of \(master.address)"
    eventLoop.execute { self.handler.value.drop(reason) }
  }

  /// Sends a command and waits for its reply. An error reply is thrown as `.server`. Without a
  /// timeout the configuration's `commandTimeout` counts.
  public func send(
    _ command: RedisCommand,
    timeout: Duration? = nil
  ) async throws(RedisError) -> RedisReply {
    try await send(command, deadline: .now() + TimeAmount(timeout ?? commandTimeout))
  }

  func send(
    _ command: RedisCommand,
    deadline: NIODeadline
  ) async throws(RedisError) -> RedisReply {
    try await begin(command, deadline: deadline).value()
  }

  /// Sends a command, unless its caller is late or cancelled, and hands out what its reply comes
  /// to. It suspends nobody: each asynchronous call between a request and its command was 1 % of
  /// the instructions of a host's heartbeat.
  func begin(
    _ command: RedisCommand,
    deadline: NIODeadline
  ) throws(RedisError) -> RedisChannelHandler.Reply {
    try Self.check(deadline)
    let reply = RedisChannelHandler.Reply()
    if eventLoop.inEventLoop {
      handler.value.submit(command, deadline: deadline, reply: reply)
    } else {
      eventLoop.execute { [self] in
        handler.value.submit(command, deadline: deadline, reply: reply)
      }
    }
    return reply
  }

  /// Sends commands in one go, as many at once as fit one write well, and returns their replies in
  /// the same order. The first error reply is thrown as `.server`; the other commands may have been
  /// executed all the same. The configuration's `commandTimeout` counts for each part anew.
  public func send(pipeline: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
    var replies: [RedisReply] = []
    replies.reserveCapacity(pipeline.count)
    for start in stride(from: 0, to: pipeline.count, by: Self.commandsAtOnce) {
      let part = Array(pipeline[start...].prefix(Self.commandsAtOnce))
      replies += try await send(pipeline: part, deadline: .now() + TimeAmount(commandTimeout))
    }
    for case .error(let error) in replies { throw .server(error) }
    return replies
  }

  /// The replies come in the commands' order, error replies among them.
  func send(
    pipeline: [RedisCommand],
    deadline: NIODeadline
  ) async throws(RedisError) -> [RedisReply] {
    if pipeline.isEmpty { return [] }
    try Self.check(deadline)
    let reply = RedisChannelHandler.Reply()
    eventLoop.execute { [self] in
      handler.value.submit(pipeline: pipeline, deadline: deadline, reply: reply)
    }
    guard case .array(let replies) = try await reply.value() else {
      preconditionFailure("The handler answers a pipeline with an array.")
    }
    return replies
  }

  /// A command that is late already must not be sent: it would count as unanswered at once and
  /// cost everyone the connection. One whose caller is gone need not be.
  private static func check(_ deadline: NIODeadline) throws(RedisError) {
    guard !Task.isCancelled else { throw .cancelled }
    guard deadline > .now() else { throw .deadlineExceeded }
  }

  /// Returns when the connection has ended. If the task is cancelled, the connection takes no
  /// more commands and ends after the replies in flight, or after two seconds.
  func ended() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        channel.closeFuture.whenComplete { _ in continuation.resume() }
      }
    } onCancel: {
      eventLoop.execute { self.handler.value.drain() }
    }
  }
}
