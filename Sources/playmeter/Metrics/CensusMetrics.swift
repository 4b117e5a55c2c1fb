import CoreMetrics
import Domain
import RedisStore

/// What is told of sessions, launchers and cafes.
struct SessionMetrics: Sendable {
  private let running: Gauge
  private let inGrace: Gauge
  private let launchers: Gauge
  private let cafes: Gauge
  private let setAside: Gauge

  init(_ factory: any MetricsFactory) {
    func sessions(_ state: SessionState) -> Gauge {
      Gauge(
        label: "playmeter_sessions",
        dimensions: [("state", state.rawValue)],
        factory: factory
      )
    }
    running = sessions(.running)
    inGrace = sessions(.grace)
    launchers = Gauge(label: "playmeter_launchers", factory: factory)
    cafes = Gauge(label: "playmeter_cafes", factory: factory)
    setAside = Gauge(label: "playmeter_billing_set_aside", factory: factory)
  }

  /// Takes over a count.
  func record(_ census: Census) {
    running.record(census.running)
    inGrace.record(census.inGrace)
    launchers.record(census.launchers)
    cafes.record(census.cafes)
    setAside.record(census.setAside)
  }

  /// How many there are is not known.
  func forget() {
    for gauge in [running, inGrace, launchers, cafes, setAside] { gauge.record(Double.nan) }
  }
}

/// What is told of hosts and their reservations. Used by one task.
struct HostMetrics {
  /// Regions that have a label of their own. An installation has a handful.
  private static let mostRegions = 64

  private struct Place: Hashable {
    let region: String
    let status: String
  }

  private let factory: any MetricsFactory
  private var gauges: [Place: Gauge] = [:]
  private var regions: Set<String> = []
  private let reservations: [String: Counter]
  /// What Redis said last; a counter moves on by the difference.
  private var counted: [String: Int64] = [:]

  init(_ factory: any MetricsFactory) {
    self.factory = factory
    let outcomes = [
      "pending", "confirmed", "released", "lapsed", "expired", "idle", "left", "new_room",
    ]
    let counters = outcomes.map { outcome in
      Counter(
        label: "playmeter_reservations_total",
        dimensions: [("outcome", outcome)],
        factory: factory
      )
    }
    reservations = Dictionary(uniqueKeysWithValues: zip(outcomes, counters))
  }

  /// Takes over a count. Where there were hosts and are none, there are 0.
  mutating func record(_ census: Census) {
    var hosts = gauges.mapValues { _ in Int64(0) }
    for row in census.hosts { hosts[place(of: row), default: 0] += row.count }
    for (place, count) in hosts { gauge(place).record(count) }
    for (outcome, total) in census.reservations {
      let before = counted.updateValue(total, forKey: outcome) ?? 0
      // A Redis that has lost its hosts counts from 0 again.
      reservations[outcome]?.increment(by: total >= before ? total - before : total)
    }
  }

  /// How many hosts there are is not known.
  func forget() {
    for gauge in gauges.values { gauge.record(Double.nan) }
  }

  private mutating func place(of row: Census.Hosts) -> Place {
    if regions.count < Self.mostRegions { regions.insert(row.region) }
    let region = regions.contains(row.region) ? row.region : "other"
    return Place(region: region, status: row.status)
  }

  private mutating func gauge(_ place: Place) -> Gauge {
    if let gauge = gauges[place] { return gauge }
    let gauge = Gauge(
      label: "playmeter_hosts",
      dimensions: [("region", place.region), ("status", place.status)],
      factory: factory
    )
    gauges[place] = gauge
    return gauge
  }
}
