import NIOCore

extension RedisChannelHandler {
  /// The rules of one connection as a pure value: who waits for which reply, until when, and when
  /// the connection must go. It does no I/O; each verb returns what the handler is to do.
  struct StateMachine<Waiter> {
    private enum State {
      case open
      /// No new commands; the connection closes after the last reply.
      case draining
      case closed(String)
    }

    /// One call, which waits for one reply or, as a pipeline, for several.
    private struct Entry {
      let waiter: Waiter
      var deadline: NIODeadline
      let commandCount: Int
      let isPipeline: Bool
    }

    /// What to do with a call that was just submitted.
    enum SubmitAction {
      /// Write the commands; if a time is given, set the timer to it, earlier than it was.
      case write(timer: NIODeadline?)
      case refuse(RedisError)
    }

    /// What to do with the connection after a reply.
    enum Next: Equatable {
      case proceed
      /// Drop the connection. Whoever is first in the queue gets this error.
      case drop(RedisError)
    }

    /// Whom to resume, and what to do with the connection after that.
    struct ReplyAction {
      var completed: (waiter: Waiter, reply: RedisReply)?
      var next = Next.proceed
    }

    /// What to do when the timer fires.
    enum TimerAction {
      case rest
      /// Tell these callers that their time is over, and set the timer again.
      case wait(until: NIODeadline, expired: [Waiter])
      /// The first in the queue has waited too long: the connection is wedged.
      case drop(RedisError)
    }

    private let maximumInFlight: Int
    private var state = State.open
    private var queue = CircularBuffer<Entry>(initialCapacity: 64)
    private var inFlight = 0
    /// Replies of the pipeline at the head of the queue, as far as they have come.
    private var pipelineReplies: [RedisReply] = []
    /// Why the connection must go once the caller at the head has its replies.
    private var fault: String?
    private var timer: NIODeadline?

    init(maximumInFlight: Int) {
      self.maximumInFlight = maximumInFlight
    }

    /// Whether bytes from the server still matter.
    var isOpen: Bool {
      switch state {
      case .open, .draining: true
      case .closed: false
      }
    }

    mutating func submit(
      _ waiter: Waiter,
      commandCount: Int,
      isPipeline: Bool,
      deadline: NIODeadline
    ) -> SubmitAction {
      switch state {
      case .open: break
      case .draining: return .refuse(.notConnected("the connection is closing"))
      case .closed(let reason): return .refuse(.notConnected(reason))
      }
      guard inFlight + commandCount <= maximumInFlight else { return .refuse(.queueFull) }
      inFlight += commandCount
      queue.append(
        Entry(
          waiter: waiter,
          deadline: deadline,
          commandCount: commandCount,
          isPipeline: isPipeline
        )
      )
      if let timer, timer <= deadline { return .write(timer: nil) }
      timer = deadline
      return .write(timer: deadline)
    }

    mutating func receive(_ reply: RedisReply) -> ReplyAction {
      guard let head = queue.first else {
        let reason = "a reply came that no command asked for"
        return ReplyAction(next: .drop(.protocolViolation(reason)))
      }
      if case .error(let error) = reply, error.isWrongServer { fault = error.message }
      inFlight -= 1
      var action = ReplyAction(completed: (head.waiter, reply))
      if head.isPipeline {
        pipelineReplies.append(reply)
        guard pipelineReplies.count == head.commandCount else { return ReplyAction() }
        action.completed = (head.waiter, .array(pipelineReplies))
        pipelineReplies = []
      }
      queue.removeFirst()
      action.next = next()
      return action
    }

    private func next() -> Next {
      if let fault { return .drop(.connectionLost(fault)) }
      guard case .draining = state, queue.isEmpty else { return .proceed }
      return .drop(.connectionLost("the client closed the connection"))
    }

    /// Callers may wait for different times. One that gives up behind a more patient head keeps
    /// its place, and from then on shares the head's deadline.
    mutating func timerFired(now: NIODeadline) -> TimerAction {
      timer = nil
      guard let head = queue.first else { return .rest }
      guard head.deadline > now else { return .drop(.deadlineExceeded) }
      var expired: [Waiter] = []
      var earliest = head.deadline
      for index in queue.indices {
        if queue[index].deadline <= now {
          expired.append(queue[index].waiter)
          queue[index].deadline = head.deadline
        }
        earliest = min(earliest, queue[index].deadline)
      }
      timer = earliest
      return .wait(until: earliest, expired: expired)
    }

    /// Refuses new commands from now on. The result says whether the connection can go at once.
    mutating func drain() -> Next {
      guard case .open = state else { return .proceed }
      state = .draining
      return next()
    }

    /// Ends the connection and hands out everyone who still waits. The first gets the error
    /// itself, because the reply that failed was the first one's; the others were bystanders.
    mutating func close(_ error: RedisError) -> [(waiter: Waiter, error: RedisError)] {
      guard isOpen else { return [] }
      let reason = error.closeReason
      state = .closed(reason)
      var failures = queue.map { ($0.waiter, RedisError.connectionLost(reason)) }
      if !failures.isEmpty { failures[0].1 = error }
      queue.removeAll()
      inFlight = 0
      return failures
    }
  }
}

extension RedisError {
  /// The text for those who share a connection that ended with this error.
  var closeReason: String {
    switch self {
    case .connectionLost(let reason): reason
    default: description
    }
  }
}
