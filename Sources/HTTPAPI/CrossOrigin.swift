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

  /// The lines that a response gets for a request, each with its end.
  func lines(for request: RequestFields) -> String {
    switch origins {
    case .any:
      return Self.linesForAny
    case .listed(let origins):
      // Without it a cache could hand one origin's response to another.
      let vary = "Vary: Origin\r\n"
      guard let origin = request[.origin], origins.contains(origin) else {
        return vary + Self.fixedLines
      }
      return vary + Self.allow(origin) + Self.fixedLines
    }
  }

  /// Made once: field by field they were 5 % of a heartbeat's instructions.
  private static let linesForAny = allow("*") + fixedLines

  private static func allow(_ origin: String) -> String {
    "Access-Control-Allow-Origin: \(origin)\r\n"
  }

  /// Rooms and credentials are for one caller and one moment, so nothing is stored.
  private static let fixedLines = [
    "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers: Content-Type, Authorization, X-Request-Id, Idempotency-Key",
    "Access-Control-Expose-Headers: X-Request-Id, Retry-After",
    "Access-Control-Max-Age: \(maximumAgeSeconds)",
    "Cache-Control: no-store",
  ]
  .map { $0 + "\r\n" }.joined()
}
