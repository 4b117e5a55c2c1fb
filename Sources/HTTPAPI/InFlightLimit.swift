import Synchronization

/// Counts the requests that are being answered, and says when there are too many.
final class InFlightLimit: Sendable {
  private let maximum: Int
  private let count = Atomic(0)

  init(_ maximum: Int) {
    self.maximum = maximum
  }

  /// Takes a place if one is free; whoever got one gives it back with ``leave()``.
  func enter() -> Bool {
    guard count.add(1, ordering: .relaxed).newValue <= maximum else {
      leave()
      return false
    }
    return true
  }

  func leave() { count.subtract(1, ordering: .relaxed) }
}
