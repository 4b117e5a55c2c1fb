import CoreMetrics
import Synchronization

/// One line or, for a histogram, a few lines of the text: a metric with certain labels.
///
/// Updates are one or two atomic additions, from any thread and without a lock. No update is
/// ordered before another: a scrape sees each number as it is at that moment.
protocol Series: AnyObject, Sendable {
  /// Appends its lines.
  ///
  /// - Parameter labels: Its labels in the form of the format, without braces; may be empty.
  func write(_ name: String, _ labels: String, into text: inout MetricsText)
}

/// A whole number that only grows.
final class CounterSeries: Series, CounterHandler {
  private let value = Atomic<Int64>(0)

  /// A counter never goes back; what would make it is left out.
  func increment(by amount: Int64) {
    guard amount > 0 else { return }
    value.wrappingAdd(amount, ordering: .relaxed)
  }

  func reset() { value.store(0, ordering: .relaxed) }

  var current: Int64 { value.load(ordering: .relaxed) }

  func write(_ name: String, _ labels: String, into text: inout MetricsText) {
    text.sample(name, labels, String(current))
  }
}

/// A number with fractions that only grows.
final class FloatingCounterSeries: Series, FloatingPointCounterHandler {
  private let value = AtomicDouble(0)

  func increment(by amount: Double) {
    guard amount > 0 else { return }
    value.add(amount)
  }

  func reset() { value.store(0) }

  func write(_ name: String, _ labels: String, into text: inout MetricsText) {
    text.sample(name, labels, MetricsText.number(value.load()))
  }
}

/// A number that goes up and down. One that is not a number is not known, and is left out of the
/// text: an absent value misleads nobody.
final class GaugeSeries: Series, RecorderHandler, MeterHandler {
  private let value: AtomicDouble

  init(_ first: Double) {
    value = AtomicDouble(first)
  }

  func record(_ value: Int64) { self.value.store(Double(value)) }
  func record(_ value: Double) { self.value.store(value) }
  func set(_ value: Int64) { self.value.store(Double(value)) }
  func set(_ value: Double) { self.value.store(value) }
  func increment(by amount: Double) { value.add(amount) }
  func decrement(by amount: Double) { value.add(-amount) }

  func write(_ name: String, _ labels: String, into text: inout MetricsText) {
    let value = value.load()
    guard !value.isNaN else { return }
    text.sample(name, labels, MetricsText.number(value))
  }
}

/// Durations by fixed bounds. The sum is kept in whole nanoseconds, so that it is exact.
final class HistogramSeries: Series, TimerHandler {
  private static let nanosecondsInSecond = 1e9

  /// Each bound as its label says it, and in nanoseconds.
  private let labels: [String]
  private let bounds: [Int64]
  /// How many durations fell between a bound and the one before it; the last one has no bound.
  private let counts: [CounterSeries]
  private let sum = Atomic<Int64>(0)

  init(seconds: [Double]) {
    labels = seconds.map(MetricsText.number)
    bounds = seconds.map { Int64(($0 * Self.nanosecondsInSecond).rounded()) }
    counts = (0...seconds.count).map { _ in CounterSeries() }
  }

  /// A clock that went back counts as no time.
  func recordNanoseconds(_ duration: Int64) {
    let duration = max(0, duration)
    let index = bounds.firstIndex { duration <= $0 } ?? bounds.count
    counts[index].increment(by: 1)
    sum.wrappingAdd(duration, ordering: .relaxed)
  }

  func write(_ name: String, _ labels: String, into text: inout MetricsText) {
    let prefix = labels.isEmpty ? "" : labels + ","
    var total: Int64 = 0
    for (bound, count) in zip(self.labels + ["+Inf"], counts) {
      total += count.current
      text.sample(name + "_bucket", "\(prefix)le=\"\(bound)\"", String(total))
    }
    let seconds = Double(sum.load(ordering: .relaxed)) / Self.nanosecondsInSecond
    text.sample(name + "_sum", labels, MetricsText.number(seconds))
    // The sum of the buckets and no count of its own, so that the two never disagree.
    text.sample(name + "_count", labels, String(total))
  }
}

/// A double that many threads change.
private struct AtomicDouble: ~Copyable {
  private let bits: Atomic<UInt64>

  init(_ value: Double) {
    bits = Atomic(value.bitPattern)
  }

  func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  func add(_ amount: Double) {
    var known = bits.load(ordering: .relaxed)
    while true {
      let sum = (Double(bitPattern: known) + amount).bitPattern
      let (isDone, seen) = bits.weakCompareExchange(
        expected: known,
        desired: sum,
        ordering: .relaxed
      )
      if isDone { return }
      known = seen
    }
  }
}
