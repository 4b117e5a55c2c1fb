/// The limits that refuse a request or end a connection, by their names in the metrics.
enum Limit: String, Sendable, CaseIterable {
  case ratePerKey = "rate_per_key"
  case ratePerCafe = "rate_per_cafe"
  case ratePerAddress = "rate_per_address"
  case requestsInFlight = "requests_in_flight"
  case connections
  case connectionsPerAddress = "connections_per_address"
  case headSize = "head_size"
  case bodySize = "body_size"
  /// Requests that were sent without waiting for answers, more than are kept.
  case pipelining
  case requestTimeout = "request_timeout"
  case responseTimeout = "response_timeout"
  case keepAliveTimeout = "keep_alive_timeout"

  /// Its place among all.
  var index: Int {
    guard let index = Limit.allCases.firstIndex(of: self) else {
      preconditionFailure("All cases hold every case.")
    }
    return index
  }
}
