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

  /// Called on the channel's event loop, which the handler may not leave.
  init(
    channel: any Channel,
    handler: RedisChannelHandler,
    health: ConnectionHealth,
    commandTimeout: Duration
  ) {
    self.eventLoop = channel.eventLoop
    self.health = health
    self.channel = channel
    self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    self.commandTimeout = commandTimeout
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
    try Self.check(deadline)
    let reply = RedisChannelHandler.Reply()
    let value = try await reply.value { [self] in
      if eventLoop.inEventLoop {
        handler.value.submit(command, deadline: deadline, reply: reply)
      } else {
        eventLoop.execute { [self] in
          handler.value.submit(command, deadline: deadline, reply: reply)
        }
      }
    }
    if case .error(let error) = value { throw .server(error) }
    return value
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
    let value = try await reply.value { [self] in
      eventLoop.execute { [self] in
        handler.value.submit(pipeline: pipeline, deadline: deadline, reply: reply)
      }
    }
    guard case .array(let replies) = value else {
      preconditionFailure("The handler answers a pipeline with an array.")
    }
    return replies
  }

  /// A command that is late already must not be sent: it would count as unanswered at once and
  /// cost everyone the connection.
  private static func check(_ deadline: NIODeadline) throws(RedisError) {
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
