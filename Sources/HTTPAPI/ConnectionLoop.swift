import NIOCore

/// The connections of one event loop, and the tasks that answer what comes on them.
///
/// A connection has a task only while it answers. One for each connection, busy or not, kept 9 KiB
/// and what its deepest request had needed. Tasks that are done wait for other connections: to make
/// and end one for each request was 12 % of the smallest one's instructions.
final class ConnectionLoop: Sendable {
  /// Tasks that wait; more of them end when they are done.
  private static let maximumIdleTasks = 64

  /// Used on the event loop only.
  private final class State {
    var open: [ObjectIdentifier: HTTPConnectionHandler] = [:]
    /// Those for which a task has to be made.
    var waiting: [HTTPConnection] = []
    /// The task that makes them, while it has nothing to do.
    var maker: UnsafeContinuation<Void, Never>?
    var idleTasks: [UnsafeContinuation<HTTPConnection?, Never>] = []
    /// What whoever connects now is told.
    var ending: ((HTTPConnectionHandler) -> Void)?
    var isFinishing = false

    var isFinished: Bool { isFinishing && open.isEmpty && waiting.isEmpty }
  }

  let executor: EventLoopTaskExecutor
  private let boundState: NIOLoopBoundBox<State>

  init(_ executor: EventLoopTaskExecutor) {
    self.executor = executor
    boundState = .makeBoxSendingValue(State(), eventLoop: executor.eventLoop)
  }

  /// Answers what comes on connections until ``finish()`` was called and all of them are closed.
  /// Its task must run on this loop's executor. If it is cancelled, connections end when what was
  /// received is answered, and after that time anyway.
  func run(
    cancelledWithin time: TimeAmount,
    _ serve: @escaping @Sendable (HTTPConnection) async -> Void
  ) async {
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { tasks in
        while let connections = await newlyBusy() {
          for connection in connections {
            tasks.addTask {
              var next: HTTPConnection? = connection
              while let connection = next {
                await serve(connection)
                next = await self.anotherConnection()
              }
            }
          }
        }
      }
    } onCancel: {
      tellAll { $0.end(within: time) }
    }
  }

  /// Connections end with their next response, or when they were idle for that time.
  func drain(within time: TimeAmount) { tellAll { $0.drain(within: time) } }

  /// No connections are added any more.
  func finish() {
    executor.eventLoop.execute { [self] in
      state.isFinishing = true
      endIfFinished()
    }
  }

  private func tellAll(_ tell: @escaping @Sendable (HTTPConnectionHandler) -> Void) {
    executor.eventLoop.execute { [self] in
      let state = state
      state.ending = tell
      for connection in state.open.values { tell(connection) }
    }
  }

  // MARK: On the event loop

  private var state: State { boundState.value }

  /// A connection was accepted.
  ///
  /// - Throws: `ChannelError` when it came too late.
  func add(_ connection: HTTPConnectionHandler) throws {
    let state = state
    guard !state.isFinishing else { throw ChannelError.ioOnClosedChannel }
    state.open[ObjectIdentifier(connection)] = connection
    state.ending?(connection)
  }

  /// A connection is closed.
  func remove(_ connection: HTTPConnectionHandler) {
    state.open[ObjectIdentifier(connection)] = nil
    endIfFinished()
  }

  /// Something is to be answered on a connection on which nothing was.
  func serve(_ connection: HTTPConnectionHandler) {
    let state = state
    let connection = HTTPConnection(connection, on: executor.eventLoop)
    if let task = state.idleTasks.popLast() {
      task.resume(returning: connection)
    } else {
      state.waiting.append(connection)
      wakeMaker(state)
    }
  }

  /// Connections that need a task; nil when there will be none any more.
  private func newlyBusy() async -> [HTTPConnection]? {
    let state = state
    while state.waiting.isEmpty {
      if state.isFinished { return nil }
      await withUnsafeContinuation { state.maker = $0 }
    }
    defer { state.waiting = [] }
    return state.waiting
  }

  /// The next connection for a task that is done with one; nil when it should end.
  private func anotherConnection() async -> HTTPConnection? {
    let state = state
    if let connection = state.waiting.popLast() { return connection }
    guard !state.isFinished, state.idleTasks.count < Self.maximumIdleTasks else { return nil }
    return await withUnsafeContinuation { state.idleTasks.append($0) }
  }

  private func endIfFinished() {
    let state = state
    guard state.isFinished else { return }
    for task in state.idleTasks { task.resume(returning: nil) }
    state.idleTasks = []
    wakeMaker(state)
  }

  private func wakeMaker(_ state: State) {
    state.maker?.resume()
    state.maker = nil
  }
}

/// One connection, as the task that answers on it sees it, on its event loop.
struct HTTPConnection: Sendable {
  private let boundHandler: NIOLoopBound<HTTPConnectionHandler>

  /// Called on the event loop.
  fileprivate init(_ handler: HTTPConnectionHandler, on eventLoop: any EventLoop) {
    boundHandler = NIOLoopBound(handler, eventLoop: eventLoop)
  }

  /// What is to be used on the event loop.
  var handler: HTTPConnectionHandler { boundHandler.value }
}
