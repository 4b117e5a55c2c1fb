import Domain

/// How fast the ledger may be read.
struct Pace: Sendable {
  /// As fast as it goes: somebody waits for it.
  static let unbounded = Pace(linesPerSecond: nil)
  /// In the background: some hundred pages a second, which cost a few hundredths of Redis' core.
  static let background = Pace(linesPerSecond: 50_000)

  /// Nil for no bound.
  let linesPerSecond: Int64?

  /// Waits as long as so many lines may take. Ends early when the task is cancelled.
  func rest(after lines: Int) async throws(ServiceFault) {
    guard let linesPerSecond else { return }
    do {
      try await Task.sleep(for: .microseconds(Int64(lines) * 1_000_000 / linesPerSecond))
    } catch {
      throw .unavailable("the service stops")
    }
  }
}
