import Synchronization

/// Opens when every listener accepts connections.
final class ListeningGate: Sendable {
  /// Gives nothing, and ends when the gate is open.
  let opened: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation
  private let missing: Mutex<Int>

  init(listeners: Int) {
    (opened, continuation) = AsyncStream.makeStream(of: Never.self)
    missing = Mutex(listeners)
  }

  /// One more listener accepts connections.
  func note() {
    let left = missing.withLock { count in
      count -= 1
      return count
    }
    if left == 0 { continuation.finish() }
  }
}
