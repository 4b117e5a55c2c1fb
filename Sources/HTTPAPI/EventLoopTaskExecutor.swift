import NIOCore

/// Runs tasks on an event loop.
///
/// A connection's task prefers the executor of its own event loop, so a request is read, answered
/// and written without ever changing threads, and reaches that loop's own Redis connection.
public final class EventLoopTaskExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  /// An executor over an event loop; one per loop is enough, and equal executors must be identical.
  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// The executors of a group's event loops, one each, shared by all listeners.
public struct EventLoopExecutors: Sendable {
  /// The group whose loops the executors run on.
  public let group: any EventLoopGroup
  private let executors: [ObjectIdentifier: EventLoopTaskExecutor]

  /// The executors of all loops of a group.
  public init(_ group: any EventLoopGroup) {
    self.group = group
    executors = Dictionary(
      uniqueKeysWithValues: group.makeIterator()
        .map { (ObjectIdentifier($0), EventLoopTaskExecutor($0)) }
    )
  }

  /// The executor of one of the group's loops.
  public func executor(of eventLoop: any EventLoop) -> EventLoopTaskExecutor {
    guard let executor = executors[ObjectIdentifier(eventLoop)] else {
      preconditionFailure("A listener's connections run on the loops of its own group.")
    }
    return executor
  }
}
