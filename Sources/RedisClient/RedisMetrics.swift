public import CoreMetrics
import NIOCore

/// What a client counts: its connections and its commands.
///
/// All handles are made at once, so that a command costs a few atomic additions and one look-up.
public struct RedisMetrics: Sendable {
  /// Nobody counts.
  public static let none = RedisMetrics(
    client: "",
    scripts: [],
    factory: NOOPMetricsHandler.instance
  )

  private let inFlight: Meter
  private let failures: Counter
  private let wanted: Gauge
  private let connected: Meter
  private let reconnects: Counter
  private let durations: [String: Timer]
  private let plain: Timer

  /// The metrics of a client.
  ///
  /// - Parameters:
  ///   - client: The value of the label `client`: what its connections are for.
  ///   - scripts: The names of the scripts that it may run; each has a histogram, which all clients
  ///     share.
  ///   - factory: Makes the handles, here and never later.
  public init(client: String, scripts: [String], factory: any MetricsFactory) {
    let labels = [("client", client)]
    inFlight = Meter(
      label: "playmeter_redis_commands_in_flight",
      dimensions: labels,
      factory: factory
    )
    failures = Counter(
      label: "playmeter_redis_command_failures_total",
      dimensions: labels,
      factory: factory
    )
    wanted = Gauge(label: "playmeter_redis_connections", dimensions: labels, factory: factory)
    connected = Meter(label: "playmeter_redis_connections_up", dimensions: labels, factory: factory)
    reconnects = Counter(
      label: "playmeter_redis_reconnects_total",
      dimensions: labels,
      factory: factory
    )
    func duration(_ script: String) -> Timer {
      Timer(
        label: "playmeter_redis_command_duration_seconds",
        dimensions: [("script", script)],
        factory: factory
      )
    }
    plain = duration("none")
    durations = Dictionary(uniqueKeysWithValues: scripts.map { ($0, duration($0)) })
  }

  /// How many connections the client is to keep.
  func keeps(_ count: Int) { wanted.record(count) }

  /// A connection has come up.
  func connected(again: Bool) {
    connected.increment()
    if again { reconnects.increment() }
  }

  /// A connection has ended.
  func disconnected() { connected.decrement() }

  /// Measures a call to its last reply, with every wait and repeat.
  ///
  /// - Parameter start: When it began. The caller needs the time anyway for its deadline, and on
  ///   some machines reading the clock costs more than all else here.
  func measure<Result>(
    from start: NIODeadline,
    isolation: isolated (any Actor)? = #isolation,
    _ call: () async throws(RedisError) -> Result
  ) async throws(RedisError) -> Result {
    began()
    defer { ended(script: nil, from: start) }
    do throws(RedisError) {
      return try await call()
    } catch {
      failed()
      throw error
    }
  }

  /// A call begins; for what `measure` would cost too much.
  func began() { inFlight.increment() }

  /// A call has ended in any way.
  func ended(script: String?, from start: NIODeadline) {
    let duration = NIODeadline.now() - start
    (script.flatMap { durations[$0] } ?? plain).recordNanoseconds(duration.nanoseconds)
    inFlight.decrement()
  }

  /// A call has failed.
  func failed() { failures.increment() }
}
