/// Bounded waiting for something that another process does.
public enum Waiting {
  /// Between two looks. Short beside a process start (some 10 ms), long beside a look (some µs).
  private static let pause = Duration.milliseconds(2)

  /// Returns as soon as the condition holds. Throws ``SupportError`` that names `what` when it does
  /// not within `limit` of real time, and what the condition throws. Time in which the machine had
  /// no turn for this test does not count.
  public static func until(
    _ what: String,
    within limit: Duration,
    _ condition: () async throws -> Bool
  ) async throws {
    var end = ContinuousClock.now + limit
    while try await !condition() {
      guard ContinuousClock.now < end else {
        throw SupportError("waited \(limit) in vain: \(what)")
      }
      let turn = ContinuousClock.now + pause
      try await Task.sleep(for: pause)
      end += ContinuousClock.now - turn
    }
  }

  /// Runs `work` and cancels it when `limit` of real time is over; then throws ``SupportError``.
  public static func limited<Result: Sendable>(
    _ what: String,
    to limit: Duration,
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
      group.addTask(operation: work)
      group.addTask {
        try await Task.sleep(for: limit)
        throw SupportError("waited \(limit) in vain: \(what)")
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      return first
    }
  }
}
