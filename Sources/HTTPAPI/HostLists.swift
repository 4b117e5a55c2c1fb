import Domain
import Synchronization

/// Pages of hosts as they were at most a second ago.
///
/// Whoever watches a list asks again and again, and reading a thousand hosts costs Redis more than
/// a thousand of anything else here. So a page is read once and handed to all who want it, and
/// while it is being read, others wait for that reading instead of starting their own.
final class HostLists: Sendable {
  /// The age at which a page is read again.
  private static let maximumAge = Duration.seconds(1)
  /// The most rows that a client gets at once.
  private static let limit = PageRequest.limits.upperBound

  private typealias Outcome = Result<Page<HostReport>, ServiceFault>

  private struct Key: Hashable {
    let filter: HostFilter
    let cursor: String?
  }

  private enum Entry {
    /// Somebody reads it; these wait.
    case reading([CheckedContinuation<Outcome?, Never>])
    case read(Page<HostReport>, at: ContinuousClock.Instant)
  }

  private let registry: any HostRegistry
  private let maximumPages: Int
  private let clock: @Sendable () -> ContinuousClock.Instant
  private let entries = Mutex<[Key: Entry]>([:])

  /// - Parameter maximumPages: Pages that are kept; a full one takes about 200 KiB.
  init(
    registry: any HostRegistry,
    maximumPages: Int = 32,
    clock: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.registry = registry
    self.maximumPages = maximumPages
    self.clock = clock
  }

  /// A page of hosts.
  func page(_ filter: HostFilter, cursor: String?) async throws(ServiceFault) -> Page<HostReport> {
    let key = Key(filter: filter, cursor: cursor)
    let begun = clock()
    // Nil is the task to read it.
    let outcome: Outcome? = await withCheckedContinuation { join(key, begun, $0) }
    if let outcome { return try outcome.get() }
    let own = await read(key)
    finish(key, own, begun)
    return try own.get()
  }

  private func join(
    _ key: Key,
    _ now: ContinuousClock.Instant,
    _ continuation: CheckedContinuation<Outcome?, Never>
  ) {
    entries.withLock { entries in
      switch entries[key] {
      case .reading(let waiting):
        entries[key] = .reading(waiting + [continuation])
      case .read(let page, let instant) where instant.duration(to: now) < Self.maximumAge:
        continuation.resume(returning: .success(page))
      case .read, nil:
        entries[key] = .reading([])
        continuation.resume(returning: nil)
      }
    }
  }

  private func read(_ key: Key) async -> Outcome {
    let request = PageRequest(cursor: key.cursor, limit: Self.limit)
    do throws(ServiceFault) {
      return .success(try await registry.hosts(key.filter, request))
    } catch {
      return .failure(error)
    }
  }

  /// Hands the page to those who wait. Its age counts from before it was read, and a failure is
  /// not kept.
  private func finish(_ key: Key, _ outcome: Outcome, _ begun: ContinuousClock.Instant) {
    let waiting = entries.withLock { entries in
      let entry = entries.removeValue(forKey: key)
      if case .success(let page) = outcome {
        Self.makeRoom(in: &entries, for: maximumPages)
        entries[key] = .read(page, at: begun)
      }
      if case .reading(let waiting) = entry { return waiting }
      return []
    }
    for continuation in waiting { continuation.resume(returning: outcome) }
  }

  /// Drops the oldest page when there are as many as may be kept: cursors are the callers' own
  /// texts, of which there is no end.
  private static func makeRoom(in entries: inout [Key: Entry], for maximumPages: Int) {
    let pages = entries.compactMap { key, entry -> (Key, ContinuousClock.Instant)? in
      if case .read(_, let instant) = entry { (key, instant) } else { nil }
    }
    guard pages.count >= maximumPages, let oldest = pages.min(by: { $0.1 < $1.1 }) else { return }
    entries[oldest.0] = nil
  }

  /// How many pages are kept or read, for the test of the bound.
  var pageCount: Int { entries.withLock { $0.count } }
}
