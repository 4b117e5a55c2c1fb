import Synchronization

/// Counts the requests of each address of clients against a limit, in this process alone.
///
/// A bucket is kept as the instant at which it is full again, which is all that a token bucket
/// needs. A bucket that is full need not be kept at all, so the table is two generations: whatever
/// was not touched while a bucket fills up is dropped with the older one. That costs nothing for
/// each request, and loses nothing as long as fewer addresses call than a generation holds.
final class AddressLimiter: Sendable {
  typealias Clock = @Sendable () -> ContinuousClock.Instant

  /// How many requests a quiet address may send at once, as a multiple of the limit's number.
  private static let burstFactor = 2

  private struct Table {
    var young: [String: ContinuousClock.Instant] = [:]
    var old: [String: ContinuousClock.Instant] = [:]
    var turnedAt: ContinuousClock.Instant
  }

  /// The time that one request takes up; nil when there is no limit.
  private let interval: Duration?
  /// The time that an empty bucket takes to fill up.
  private let capacity: Duration
  private let maximumAddresses: Int
  private let clock: Clock
  private let table: Mutex<Table>

  /// - Parameter maximumAddresses: The addresses of a generation; about 100 bytes each. Past it
  ///   the older generation is forgotten early, so that nobody can fill the memory.
  init(_ limit: RateLimit, maximumAddresses: Int = 32_768, clock: @escaping Clock) {
    switch limit {
    case .off:
      interval = nil
      capacity = .zero
    case .requests(let count, let period):
      interval = period / count
      capacity = period / count * (count * Self.burstFactor)
    }
    self.maximumAddresses = maximumAddresses
    self.clock = clock
    table = Mutex(Table(turnedAt: clock()))
  }

  /// Admits a request, or says in how many whole seconds the address may come again, at least 1.
  func secondsToWait(_ address: String) -> Int64? {
    guard let interval else { return nil }
    let now = clock()
    let wait = table.withLock { table in
      turn(&table, now)
      let fullAt = max(table.young[address] ?? table.old[address] ?? now, now)
      let lacking = now.duration(to: fullAt) + interval - capacity
      guard lacking <= .zero else { return lacking }
      table.young[address] = fullAt.advanced(by: interval)
      return .zero
    }
    return wait > .zero ? wait.secondsRoundedUp : nil
  }

  /// How many addresses are kept, for the test of the bound.
  var addressCount: Int { table.withLock { $0.young.count + $0.old.count } }

  private func turn(_ table: inout Table, _ now: ContinuousClock.Instant) {
    let isDue = table.turnedAt.duration(to: now) >= capacity
    guard isDue || table.young.count >= maximumAddresses else { return }
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
