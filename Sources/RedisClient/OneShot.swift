import Synchronization

/// A result that one task waits for and that comes once: a reply, an error, or the waiting task's
/// cancellation, whichever is first. Later results are ignored, so a cancelled caller needs no
/// bookkeeping: its place in the reply queue stays, and its reply goes nowhere.
final class OneShot<Value: Sendable>: Sendable {
  private typealias Outcome = Result<Value, RedisError>

  private enum State {
    case idle
    case waiting(CheckedContinuation<Result<Value, RedisError>, Never>)
    /// Holds the result until somebody waits for it; nil once it was handed over.
    case finished(Result<Value, RedisError>?)
  }

  private let state = Mutex(State.idle)

  /// Waits for the result. `start` runs after the waiter is in place, and not at all if there is
  /// a result already.
  func value(start: () -> Void) async throws(RedisError) -> Value {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if let early = install(continuation) {
          continuation.resume(returning: early)
        } else {
          start()
        }
      }
    } onCancel: {
      finish(.failure(.cancelled))
    }
    return try result.get()
  }

  func finish(_ result: Result<Value, RedisError>) {
    let continuation = state.withLock {
      state -> CheckedContinuation<Result<Value, RedisError>, Never>? in
      switch state {
      case .idle:
        state = .finished(result)
        return nil
      case .waiting(let continuation):
        state = .finished(nil)
        return continuation
      case .finished:
        return nil
      }
    }
    continuation?.resume(returning: result)
  }

  private func install(
    _ continuation: CheckedContinuation<Result<Value, RedisError>, Never>
  ) -> Result<Value, RedisError>? {
    state.withLock { state in
      switch state {
      case .idle:
        state = .waiting(continuation)
        return nil
      case .finished(.some(let result)):
        state = .finished(nil)
        return result
      case .waiting, .finished(.none):
        preconditionFailure("Only one task may wait for a result, and only once.")
      }
    }
  }
}
