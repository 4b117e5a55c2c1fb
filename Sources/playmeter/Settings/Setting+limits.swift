import HTTPAPI

/// The limits of the HTTP listeners: what keeps one caller from taking what belongs to all.
extension Setting {
  private static let rateRule =
    "off, or " + numberRule(RateLimit.counts) + " with /s, /m or /h"

  static let rateLimitPerKey = Setting(
    "PLAYMETER_RATE_LIMIT_PER_KEY",
    default: "500/s",
    rule: rateRule,
    "verify calls of one API key"
  )
  static let rateLimitPerCafe = Setting(
    "PLAYMETER_RATE_LIMIT_PER_CAFE",
    default: "200/s",
    rule: rateRule,
    "starts of launchers and one-time tokens of one cafe"
  )
  static let rateLimitPerAddress = Setting(
    "PLAYMETER_RATE_LIMIT_PER_ADDRESS",
    default: "20/s",
    rule: rateRule,
    "searches, lists and refused credentials of one address"
  )
  static let requestsInFlight = Setting(
    "PLAYMETER_REQUESTS_IN_FLIGHT",
    default: "10000",
    rule: numberRule(RequestLimits.inFlightCounts),
    "requests that may be answered at once; past it 503"
  )
  static let connections = Setting(
    "PLAYMETER_CONNECTIONS",
    default: "100000",
    rule: numberRule(ConnectionLimits.counts),
    "connections of each listener"
  )
  static let connectionsPerAddress = Setting(
    "PLAYMETER_CONNECTIONS_PER_ADDRESS",
    default: "4096",
    rule: "off, or " + numberRule(ConnectionLimits.counts),
    "connections of one address; a trusted proxy's are not counted"
  )
  static let requestHeadBytes = Setting(
    "PLAYMETER_REQUEST_HEAD_BYTES",
    default: "32768",
    rule: numberRule(ConnectionLimits.headSizes),
    "the largest line and header of a request"
  )
  static let requestHeaderFields = Setting(
    "PLAYMETER_REQUEST_HEADER_FIELDS",
    default: "100",
    rule: numberRule(ConnectionLimits.fieldCounts),
    "the most fields of a request's header"
  )
  static let requestBodyBytes = Setting(
    "PLAYMETER_REQUEST_BODY_BYTES",
    default: "16384",
    rule: numberRule(ConnectionLimits.bodySizes),
    "the largest body of a request"
  )
  static let requestTimeout = Setting(
    "PLAYMETER_REQUEST_TIMEOUT",
    default: "30s",
    durations: ConnectionLimits.timeouts,
    "how long a request may take to come, from its first byte to its last"
  )
  static let responseTimeout = Setting(
    "PLAYMETER_RESPONSE_TIMEOUT",
    default: "30s",
    durations: ConnectionLimits.timeouts,
    "how long a client may leave responses unread"
  )
  static let keepAliveTimeout = Setting(
    "PLAYMETER_KEEP_ALIVE_TIMEOUT",
    default: "75s",
    durations: ConnectionLimits.timeouts,
    "how long a connection may be idle"
  )

  private static func numberRule(_ range: ClosedRange<Int>) -> String {
    "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }
}
