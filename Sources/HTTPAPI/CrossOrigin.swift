import HTTPTypes

/// What browsers demand of every response under `/api`, errors included: a page whose script may
/// not read an error shows its player nothing at all.
struct CrossOrigin: Sendable {
  /// How long a browser may remember a preflight: a day.
  private static let maximumAgeSeconds = "86400"
  private static let root = "/api"

  let origins: AllowedOrigins

  /// Whether the path is one of ours, known or not.
  static func covers(_ path: String) -> Bool {
    path == root || path.hasPrefix(root + "/")
  }

  /// The answer to a preflight, which is the same for every path: what a path takes, the request
  /// itself will learn.
  static func isPreflight(_ method: HTTPRequest.Method, _ path: String) -> Bool {
    method == .options && covers(path)
  }

  /// Adds the fields to a response.
  func add(to fields: inout HTTPFields, for request: RequestFields) {
    switch origins {
    case .any:
      fields[.accessControlAllowOrigin] = "*"
    case .listed(let origins):
      // Without it a cache could hand one origin's response to another.
      fields[.vary] = "Origin"
      if let origin = request[.origin], origins.contains(origin) {
        fields[.accessControlAllowOrigin] = origin
      }
    }
    fields[.accessControlAllowMethods] = "GET, POST, DELETE, OPTIONS"
    fields[.accessControlAllowHeaders] =
      "Content-Type, Authorization, X-Request-Id, Idempotency-Key"
    fields[.accessControlExposeHeaders] = "X-Request-Id, Retry-After"
    fields[.accessControlMaxAge] = Self.maximumAgeSeconds
    // Rooms and credentials are for one caller and one moment.
    fields[.cacheControl] = "no-store"
  }
}
