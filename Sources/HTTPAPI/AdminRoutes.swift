import Domain
import HTTPTypes
import JSON

/// `/v1/admin`: the command line's operations over HTTP, for whoever has the admin token.
struct AdminRoutes: Sendable {
  let administration: any Administration
  let accounting: any Accounting
  let hosts: any HostRegistry
  private let tokens: SharedSecrets
  private let needsCertificate: Bool

  init(
    administration: any Administration,
    accounting: any Accounting,
    hosts: any HostRegistry,
    tokens: [String],
    needsCertificate: Bool = false
  ) {
    self.administration = administration
    self.accounting = accounting
    self.hosts = hosts
    self.tokens = SharedSecrets(tokens)
    self.needsCertificate = needsCertificate
  }

  var endpoints: [Endpoint] {
    gameEndpoints + cafeEndpoints + sessionEndpoints + accountEndpoints + hostEndpoints
      + holdEndpoints
  }

  /// An endpoint that answers only to the admin token, and where one is needed to a certificate.
  func guarded(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ data: @escaping @Sendable (Call) async throws -> JSONValue
  ) -> Endpoint {
    .v1(method, path) { call in
      try authenticate(call)
      return try await data(call)
    }
  }

  private func authenticate(_ call: Call) throws(APIError) {
    guard !needsCertificate || call.request.hasClientCertificate else {
      throw APIError(.clientCertificateRequired, "This needs an operator's client certificate.")
    }
    guard let given = call.bearerToken, tokens.contain(given) else {
      throw APIError(.invalidAdminToken, "The admin token is missing or wrong.")
    }
  }
}

/// What the lists have in common.
extension Call {
  /// `cursor` and `limit`.
  func page() throws(APIError) -> PageRequest {
    let cursor = query("cursor").flatMap { $0.isEmpty ? nil : $0 }
    guard let text = query("limit") else { return PageRequest(cursor: cursor) }
    guard let limit = Int(text), PageRequest.limits.contains(limit) else {
      let limits = PageRequest.limits
      throw Payload.refusal("limit", "between \(limits.lowerBound) and \(limits.upperBound)")
    }
    return PageRequest(cursor: cursor, limit: limit)
  }

  /// A filter of the query by a name; nil when it is absent or empty.
  func name<Value: Name>(_ field: String, _: Value.Type = Value.self) throws(APIError) -> Value? {
    guard let text = query(field), !text.isEmpty else { return nil }
    guard let name = Value(text) else { throw Payload.refusal(field, Value.rule) }
    return name
  }

  /// A filter of the query by time, in Unix milliseconds or RFC 3339.
  func instant(_ field: String) throws(APIError) -> Instant? {
    guard let text = query(field), !text.isEmpty else { return nil }
    if let milliseconds = Int64(text) { return Instant(milliseconds: milliseconds) }
    guard let instant = Timestamp.instant(of: text) else {
      throw Payload.refusal(field, "Unix milliseconds or an RFC 3339 timestamp")
    }
    return instant
  }
}

extension Page {
  /// A page as JSON under the plural of what it lists.
  func json(_ name: String, _ row: (Row) -> JSONValue) -> JSONValue {
    .object([
      .init(name, .array(rows.map(row))),
      .init("next_cursor", .optional(nextCursor)),
    ])
  }
}
