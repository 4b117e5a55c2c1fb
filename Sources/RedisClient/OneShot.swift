import Synchronization

/// A reply that one task waits for and that comes once, or an error, or the waiting task's
/// cancellation, whichever is first. Later ones are ignored, so a cancelled caller needs no
/// bookkeeping: its place in the reply queue stays, and its reply goes nowhere.
///
/// It is not generic: to find out what its parts are at run time was 3 % of the instructions of a
/// host's heartbeat. Nor is its continuation a checked one, whose parts the compiler does not know
/// either: that was 2 % more.
final class OneShot: Sendable {
  typealias Outcome = Result<RedisReply, RedisError>

  // SAFETY: A continuation must be resumed once. Whoever is to resume it takes it out of the state,
  // under the lock, and leaves `finished` there, which nothing leaves again.
  @safe private enum State {
    case idle
    case waiting(UnsafeContinuation<Outcome, Never>)
    /// Holds the outcome until somebody waits for it; nil once it was handed over.
    case finished(Outcome?)
  }

  private let state = Mutex(State.idle)

  /// Waits for the reply. An error reply is thrown as `.server`.
  func value() async throws(RedisError) -> RedisReply {
    let outcome = await withTaskCancellationHandler {
      unsafe await withUnsafeContinuation { unsafe wait($0) }
    } onCancel: {
      finish(.failure(.cancelled))
    }
    let reply = try outcome.get()
    if case .error(let error) = reply { throw .server(error) }
    return reply
  }

  func finish(_ outcome: Outcome) {
    let continuation = unsafe state.withLock { state -> UnsafeContinuation<Outcome, Never>? in
      switch state {
      case .idle:
        state = .finished(outcome)
        return nil
      case .waiting(let continuation):
        state = .finished(nil)
        return unsafe continuation
      case .finished:
        return nil
      }
    }
    unsafe continuation?.resume(returning: outcome)
  }

  private func wait(_ continuation: UnsafeContinuation<Outcome, Never>) {
    let early = state.withLock { state -> Outcome? in
      switch state {
      case .idle:
        state = unsafe .waiting(continuation)
        return nil
      case .finished(.some(let outcome)):
        state = .finished(nil)
        return outcome
      case .waiting, .finished(.none):
        preconditionFailure("Only one task may wait for a reply, and only once.")
      }
    }
    if let early { unsafe continuation.resume(returning: early) }
  }
}
