import Synchronization

/// Whether a connection can take commands, readable from any thread. The handler changes it
/// before it fails the waiting callers, so a caller that repeats its command at once never picks
/// the connection that has just failed it.
final class ConnectionHealth: Sendable {
  private let usable = Atomic(true)
  private let reason = Mutex<String?>(nil)

  var isUsable: Bool { usable.load(ordering: .acquiring) }

  /// Why the connection ended; nil while it is up.
  var endReason: String? { reason.withLock { $0 } }

  /// Stops new commands while those in flight are still answered.
  func retire() { usable.store(false, ordering: .releasing) }

  func end(_ reason: String) {
    self.reason.withLock { $0 = reason }
    retire()
  }
}
