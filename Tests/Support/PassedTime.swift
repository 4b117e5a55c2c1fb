import Synchronization

/// Time that passes only when a test says so: the server's clock is held to what has passed since
/// the last anchor, so that the milliseconds which the test itself takes do not add up to seconds.
public final class PassedTime: Sendable {
  /// The server's clock counts whole milliseconds and drops the rest; never too little may have
  /// passed.
  private static let rounding = Duration.milliseconds(2)

  private struct State {
    var anchoredAt = ContinuousClock.now
    var offset = Duration.zero
    var passed = Duration.zero
  }

  private let clock: ServerClock
  private let state = Mutex(State())

  /// Passed time on the clock of one redis-server.
  public init(_ clock: ServerClock) {
    self.clock = clock
  }

  /// Counts from now on, which is just after the event whose distance matters.
  public func anchor() {
    state.withLock { state in
      state = State(offset: clock.currentOffset)
    }
  }

  /// Lets time pass, or go back when the duration is negative.
  public func pass(_ duration: Duration) {
    state.withLock { state in
      state.passed += duration
      let taken = ContinuousClock.now - state.anchoredAt
      clock.set(offset: state.offset + state.passed - taken + Self.rounding)
    }
  }
}
