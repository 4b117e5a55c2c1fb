public import CoreMetrics
import Synchronization

/// The service's metrics as a scrape sees them, behind the API of swift-metrics.
///
/// Whoever measures asks once for a handle (`Counter`, `Gauge`, `Meter`, `Timer` with this as their
/// factory) and keeps it; asking takes a lock, updating does not. How many lines there are is
/// bounded: past the bound a handle does nothing, and ``droppedName`` counts it.
public final class PrometheusRegistry: MetricsFactory {
  /// A counter of the registry's own: handles that were refused.
  public static let droppedName = "playmeter_metrics_dropped_series_total"
  /// The service has some 2,000 lines; a text of twice that is 400 KB and made in milliseconds.
  public static let usualMaximum = 4_096
  /// The type under which the text is sent.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private struct Family {
    let declaration: MetricDeclaration
    var series: [String: any Series] = [:]
  }

  private struct State {
    var families: [String: Family]
    /// Lines that all series together have.
    var lines = 0
  }

  private let names: [String]
  private let maximum: Int
  private let state: Mutex<State>
  private let dropped = CounterSeries()

  /// A registry of declared metrics, which are written in this order. A name that is there twice
  /// traps.
  ///
  /// - Parameter maximum: The most lines of samples.
  public init(declaring declarations: [MetricDeclaration], maximum: Int = usualMaximum) {
    let help = "Series that were refused because there are too many; each is missing in this text."
    let all = declarations + [MetricDeclaration(Self.droppedName, .counter, help)]
    names = all.map(\.name)
    self.maximum = maximum
    var families = Dictionary(uniqueKeysWithValues: all.map { ($0.name, Family(declaration: $0)) })
    families[Self.droppedName]?.series[""] = dropped
    state = Mutex(State(families: families, lines: 1))
  }

  /// Every sample at this moment, in the Prometheus text format, version 0.0.4.
  public var text: String {
    // The lock only guards which series there are; it is not held while they are written.
    let families = state.withLock { $0.families }
    var text = MetricsText()
    for family in names.compactMap({ families[$0] }) {
      var samples = MetricsText()
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        series.write(family.declaration.name, labels, into: &samples)
      }
      guard !samples.text.isEmpty else { continue }
      text.head(family.declaration)
      text.append(samples)
    }
    return text.text
  }

  /// The series of a name and labels, made if it is not there yet; nil past the bound.
  ///
  /// - Parameter make: Makes a series of the declared kind; nil means that the caller uses a metric
  ///   as something else than it is, which traps, as does a name that was not declared.
  private func series<Wanted>(
    _ name: String,
    _ dimensions: [(String, String)],
    _ make: (MetricDeclaration.Kind) -> (any Series)?
  ) -> Wanted? {
    let labels = MetricsText.labels(dimensions)
    let found = state.withLock { state -> (any Series)? in
      guard let family = state.families[name] else {
        preconditionFailure("The metric \(name) is not declared.")
      }
      if let known = family.series[labels] { return known }
      let lines = family.declaration.kind.lines
      guard state.lines + lines <= maximum else { return nil }
      guard let new = make(family.declaration.kind) else {
        preconditionFailure("\(name) is declared as a \(family.declaration.kind.word).")
      }
      state.lines += lines
      state.families[name]?.series[labels] = new
      return new
    }
    guard let found else {
      dropped.increment(by: 1)
      return nil
    }
    guard let wanted = found as? Wanted else {
      preconditionFailure("\(name){\(labels)} is there as something else.")
    }
    return wanted
  }
}

extension PrometheusRegistry {
  public func makeCounter(
    label: String,
    dimensions: [(String, String)]
  ) -> any CounterHandler {
    let series: CounterSeries? = series(label, dimensions) { kind in
      if case .counter = kind { CounterSeries() } else { nil }
    }
    return series ?? NOOPMetricsHandler.instance
  }

  public func makeFloatingPointCounter(
    label: String,
    dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    let series: FloatingCounterSeries? = series(label, dimensions) { kind in
      if case .counter = kind { FloatingCounterSeries() } else { nil }
    }
    return series ?? NOOPMetricsHandler.instance
  }

  /// A meter counts from 0.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions, first: 0) ?? NOOPMetricsHandler.instance
  }

  /// A gauge is not known until its first value. Only gauges: for distributions there are timers.
  public func makeRecorder(
    label: String,
    dimensions: [(String, String)],
    aggregate: Bool
  ) -> any RecorderHandler {
    precondition(!aggregate, "\(label): only gauges and timers are exported.")
    return gauge(label, dimensions, first: .nan) ?? NOOPMetricsHandler.instance
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let series: HistogramSeries? = series(label, dimensions) { kind in
      if case .histogram(let bounds) = kind { HistogramSeries(seconds: bounds) } else { nil }
    }
    return series ?? NOOPMetricsHandler.instance
  }

  private func gauge(
    _ label: String,
    _ dimensions: [(String, String)],
    first: Double
  ) -> GaugeSeries? {
    series(label, dimensions) { kind in
      if case .gauge = kind { GaugeSeries(first) } else { nil }
    }
  }

  // Handles live as long as the service, so nothing is ever given back.
  public func destroyCounter(_: any CounterHandler) {}
  public func destroyFloatingPointCounter(_: any FloatingPointCounterHandler) {}
  public func destroyMeter(_: any MeterHandler) {}
  public func destroyRecorder(_: any RecorderHandler) {}
  public func destroyTimer(_: any TimerHandler) {}
}

extension MetricDeclaration.Kind {
  /// Lines that a series of this kind has.
  fileprivate var lines: Int {
    switch self {
    case .counter, .gauge: 1
    // Every bound, the bucket without one, the sum and the count.
    case .histogram(let bounds): bounds.count + 3
    }
  }
}
