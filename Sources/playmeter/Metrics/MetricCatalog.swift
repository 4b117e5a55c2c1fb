import PrometheusText

/// Every metric of the service: name, type, help text and, for durations, the buckets.
///
/// With several instances a counter counts what its own instance did, so sums over instances are
/// right. Gauges of what Redis holds are the same at every instance, so the largest is right; their
/// help texts say so.
enum MetricCatalog {
  static let all = traffic + redis + live + money + accounts + process
}

extension MetricCatalog {
  /// A heartbeat takes some hundred microseconds; a call without Redis is answered within 2 s.
  private static let requestBounds = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2,
  ]
  /// A script takes some ten microseconds and a round trip; the service waits 1.5 s at most.
  private static let commandBounds = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5,
  ]

  fileprivate static let traffic: [MetricDeclaration] = [
    .init(
      "playmeter_http_requests_total",
      .counter,
      "Requests answered, by listener, route pattern, method and status. Unknown paths and wrong "
        + "methods are route unmatched."
    ),
    .init(
      "playmeter_http_request_duration_seconds",
      .histogram(seconds: requestBounds),
      "Time from a request's head to its response, reading the body included."
    ),
    .init("playmeter_http_requests_in_flight", .gauge, "Requests that are being answered."),
    .init("playmeter_http_connections", .gauge, "Connections of clients that are open."),
    .init(
      "playmeter_http_limited_total",
      .counter,
      "Requests that a limit refused and connections that one refused or ended, by limit."
    ),
    .init(
      "playmeter_tls_handshakes_total",
      .counter,
      "TLS handshakes with clients, by listener and outcome: completed, failed (refused, or the "
        + "client left), timed_out. 0 at a listener with plain HTTP."
    ),
    .init(
      "playmeter_tls_certificate_expiry_timestamp_seconds",
      .gauge,
      "When the first certificate of a chain in use runs out, in Unix seconds, by use: listener, "
        + "redis. Absent where there is none."
    ),
  ]

  fileprivate static let redis: [MetricDeclaration] = [
    .init(
      "playmeter_redis_command_duration_seconds",
      .histogram(seconds: commandBounds),
      "Time from a call to its reply, waits, repeats and failures included, by script; none stands "
        + "for plain commands."
    ),
    .init(
      "playmeter_redis_commands_in_flight",
      .gauge,
      "Calls that wait for Redis, by what the connection is for."
    ),
    .init(
      "playmeter_redis_command_failures_total",
      .counter,
      "Calls that ended with an error, among them those that found no connection."
    ),
    .init("playmeter_redis_connections", .gauge, "Connections to Redis that there should be."),
    .init("playmeter_redis_connections_up", .gauge, "Connections to Redis that can be used."),
    .init(
      "playmeter_redis_reconnects_total",
      .counter,
      "Connections to Redis that took the place of one that was lost."
    ),
  ]

  fileprivate static let live: [MetricDeclaration] = [
    .init(
      "playmeter_ready",
      .gauge,
      "1 when /readyz says that this instance may serve, else 0; looked at every 15 s, "
        + "every second while it is 0."
    ),
    .init(
      "playmeter_sessions",
      .gauge,
      "Live game sessions by state. " + sampled
    ),
    .init("playmeter_launchers", .gauge, "Live launcher sessions. " + sampled),
    .init("playmeter_cafes", .gauge, "Cafes. " + sampled),
    .init(
      "playmeter_hosts",
      .gauge,
      "Hosts by region and status; regions past the 64th are other. " + sampled
    ),
    .init(
      "playmeter_reservations_total",
      .counter,
      "Reservations of hosts that were made (pending), confirmed, and that ended, by outcome. "
        + "Counted by Redis for all instances: take the largest, not the sum."
    ),
  ]

  private static let sampled =
    "Counted in Redis every 15 s, the same at every instance: take the largest, not the sum. "
    + "Absent while Redis is away."
}
