import Synchronization

/// Counts the requests of each caller against a limit, in this process alone.
///
/// A token bucket is kept as the instant at which it is full again, which is all that it needs. A
/// bucket that is full need not be kept at all, so the table is two generations: whatever was not
/// touched while a bucket fills up is dropped with the older one. That costs nothing for each
/// request, and loses nothing as long as fewer callers come than a generation holds.
///
/// Past that the least recently admitted callers are forgotten early. To be one of them a caller
/// must let a whole generation of others be admitted first, and all that it gains is one burst: so
/// in any time it gets no more than the limit and one burst for each generation of others.
final class RateLimiter<Caller: Hashable & Sendable>: Sendable {
  typealias Clock = @Sendable () -> ContinuousClock.Instant

  /// How many requests a quiet caller may send at once, as a multiple of the limit's number.
  private static var burstFactor: Int { 2 }

  private struct Table {
    var young: [Caller: ContinuousClock.Instant] = [:]
    var old: [Caller: ContinuousClock.Instant] = [:]
    var turnedAt: ContinuousClock.Instant
  }

  /// The time that one request takes up; nil when there is no limit.
  private let interval: Duration?
  /// The time that an empty bucket takes to fill up.
  private let capacity: Duration
  private let maximumCallers: Int
  private let clock: Clock
  private let table: Mutex<Table>

  /// - Parameter maximumCallers: The callers of a generation; about 100 bytes each, so the table
  ///   never takes more than 7 MB.
  init(_ limit: RateLimit, maximumCallers: Int = 32_768, clock: @escaping Clock) {
    switch limit {
    case .off:
      interval = nil
      capacity = .zero
    case .requests(let count, let period):
      interval = period / count
      capacity = period / count * (count * Self.burstFactor)
    }
    self.maximumCallers = maximumCallers
    self.clock = clock
    table = Mutex(Table(turnedAt: clock()))
  }

  /// Admits a request, or says in how many whole seconds the caller may come again, at least 1.
  func secondsToWait(_ caller: Caller) -> Int64? {
    guard let interval else { return nil }
    let now = clock()
    let wait = table.withLock { table in
      turn(&table, now)
      let fullAt = max(table.young[caller] ?? table.old[caller] ?? now, now)
      let lacking = now.duration(to: fullAt) + interval - capacity
      guard lacking <= .zero else { return lacking }
      table.young[caller] = fullAt.advanced(by: interval)
      return .zero
    }
    return wait > .zero ? wait.secondsRoundedUp : nil
  }

  /// How many callers are kept, for the test of the bound.
  var callerCount: Int { table.withLock { $0.young.count + $0.old.count } }

  private func turn(_ table: inout Table, _ now: ContinuousClock.Instant) {
    let isDue = table.turnedAt.duration(to: now) >= capacity
    guard isDue || table.young.count >= maximumCallers else { return }
    table.old = table.young
    table.young = [:]
    table.turnedAt = now
  }
}

extension Duration {
  /// Whole seconds to wait, rounded up so that nobody comes too early; at least 1.
  var secondsRoundedUp: Int64 {
    max(1, components.seconds + (components.attoseconds > 0 ? 1 : 0))
  }
}
