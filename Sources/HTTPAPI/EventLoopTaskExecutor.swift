import NIOCore
import Synchronization

/// Runs tasks on an event loop.
///
/// A connection's task prefers the executor of its own event loop, so a request is read, answered
/// and written without ever changing threads, and reaches that loop's own Redis connection.
///
/// What becomes ready in one turn of the loop runs as one task of the loop, in order. One of them
/// for each job was 3 % of the instructions of a host's heartbeat.
public final class EventLoopTaskExecutor: TaskExecutor {
  let eventLoop: any EventLoop
  private let waiting = Mutex<[UnownedJob]>([])

  /// An executor over an event loop; one per loop is enough, and equal executors must be identical.
  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = waiting.withLock { waiting in
      waiting.append(job)
      return waiting.count == 1
    }
    if isFirst { eventLoop.execute { self.runWaiting() } }
  }

  /// Jobs that become ready meanwhile wait for the next task, so that none holds up the loop's
  /// connections.
  private func runWaiting() {
    let jobs = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    let executor = asUnownedTaskExecutor()
    for job in jobs { job.runSynchronously(on: executor) }
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

  /// One for each of the group's loops.
  var all: some Collection<EventLoopTaskExecutor> { executors.values }

  /// The executor of one of the group's loops.
  public func executor(of eventLoop: any EventLoop) -> EventLoopTaskExecutor {
    guard let executor = executors[ObjectIdentifier(eventLoop)] else {
      preconditionFailure("A listener's connections run on the loops of its own group.")
    }
    return executor
  }
}
