import CoreMetrics
import Domain
import HTTPAPI

/// What the billing worker tells.
struct BillingMetrics: Sendable {
  private let lag: Gauge
  private let lastRound: Gauge
  private let ticks: Counter

  init(_ factory: any MetricsFactory) {
    lag = Gauge(label: "playmeter_billing_lag_seconds", factory: factory)
    lastRound = Gauge(label: "playmeter_billing_last_round_timestamp_seconds", factory: factory)
    ticks = Counter(label: "playmeter_billing_ticks_total", factory: factory)
  }

  /// A batch was stepped.
  func stepped(_ entries: Int) { ticks.increment(by: entries) }

  /// A round is over.
  ///
  /// - Parameter lag: How late the most delayed entry was; nil when a partition was not looked at,
  ///   so that nobody knows.
  func roundEnded(lag: Duration?) {
    self.lag.record(lag?.inSeconds ?? .nan)
    if lag != nil { lastRound.record(WallClock.seconds()) }
  }
}

extension Duration {
  /// The duration in seconds with their fraction.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}

/// What reconciling tells.
struct ReconcileMetrics: Sendable {
  private let residual: Gauge
  private let findings: Gauge
  private let coverage: Gauge
  private let lastRun: Gauge
  private let duration: Gauge
  private let failures: Counter

  init(_ factory: any MetricsFactory) {
    func gauge(_ name: String) -> Gauge {
      Gauge(label: "playmeter_reconcile_" + name, factory: factory)
    }
    residual = gauge("residual_mgcoin")
    findings = gauge("findings")
    coverage = gauge("coverage_ratio")
    lastRun = gauge("last_run_timestamp_seconds")
    duration = gauge("last_run_duration_seconds")
    failures = Counter(label: "playmeter_reconcile_failures_total", factory: factory)
  }

  /// A run is over.
  func ran(_ result: Reconciliation, for time: Duration) {
    residual.record(result.residual.milliGCoin)
    findings.record(result.findingCount)
    coverage.record(result.coverage)
    lastRun.record(WallClock.seconds())
    duration.record(time.inSeconds)
  }

  /// A run could not read what it needs. What the one before it found stands.
  func failed() { failures.increment() }
}
