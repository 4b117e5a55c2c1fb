import Synchronization

/// A reply that one task waits for and that comes once, or an error, or the waiting task's
/// cancellation, whichever is first. Later ones are ignored, so a cancelled caller needs no
/// bookkeeping: its place in the reply queue stays, and its reply goes nowhere.
///
/// It is not generic: to find out what its parts are at run time was 3 % of the instructions of a
/// host's heartbeat.
final class OneShot: Sendable {
  typealias Outcome = Result<RedisReply, RedisError>

  private enum State {
    case idle
    case waiting(CheckedContinuation<Outcome, Never>)
    /// Holds the outcome until somebody waits for it; nil once it was handed over.
    case finished(Outcome?)
  }

  private let state = Mutex(State.idle)

  /// Waits for the reply. An error reply is thrown as `.server`.
  func value() async throws(RedisError) -> RedisReply {
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { wait($0) }
    } onCancel: {
      finish(.failure(.cancelled))
    }
    let reply = try outcome.get()
    if case .error(let error) = reply { throw .server(error) }
    return reply
  }

  func finish(_ outcome: Outcome) {
    let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      switch state {
      case .idle:
        state = .finished(outcome)
        return nil
      case .waiting(let continuation):
        state = .finished(nil)
        return continuation
      case .finished:
        return nil
      }
    }
    continuation?.resume(returning: outcome)
  }

  private func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
    let early = state.withLock { state -> Outcome? in
      switch state {
      case .idle:
        state = .waiting(continuation)
        return nil
      case .finished(.some(let outcome)):
        state = .finished(nil)
        return outcome
      case .waiting, .finished(.none):
        preconditionFailure("Only one task may wait for a reply, and only once.")
      }
    }
    if let early { continuation.resume(returning: early) }
  }
}
