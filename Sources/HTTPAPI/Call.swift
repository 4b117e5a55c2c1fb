import Domain
import HTTPTypes
import HummingbirdCore
import JSON

/// A request that found its endpoint, as the endpoint sees it.
struct Call: Sendable {
  let requestID: String
  let request: IncomingRequest
  /// Segments of the path by the names that the endpoint gave them.
  let parameters: [String: String]
  let body: [UInt8]

  var method: HTTPRequest.Method { request.method }
  /// The path without the query, as it was sent.
  var path: String { request.path }
  var fields: RequestFields { request.fields }
  /// The other end of the connection.
  var peer: IPAddress? { request.peer }

  /// The body as a JSON object.
  ///
  /// Endpoints ask for it after they have checked the credentials: somebody unknown learns nothing
  /// about what we would accept.
  func payload() throws -> Payload {
    try ContentType.requireJSON(fields)
    return try Payload(JSONValue(bytes: body))
  }

  /// The body as a JSON object, or no members when there is no body.
  func optionalPayload() throws -> Payload {
    body.isEmpty ? Payload.empty : try payload()
  }

  /// The token of `Authorization: Bearer <token>`.
  var bearerToken: String? {
    guard let text = fields[.authorization] else { return nil }
    // How almost everybody writes it; to split the text was 3 % of a heartbeat's instructions.
    let scheme = "Bearer "
    if text.hasPrefix(scheme) {
      let start = text.utf8.index(text.startIndex, offsetBy: scheme.utf8.count)
      guard start < text.endIndex else { return nil }
      if text.utf8[start] != UInt8(ascii: " ") { return String(text[start...]) }
    }
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  /// A segment of the path by the name that the endpoint gave it.
  func parameter(_ name: String) -> String {
    guard let text = parameters[name] else {
      preconditionFailure("The endpoint's path has no {\(name)}.")
    }
    return text
  }

  /// A segment of the path that is a name of the label's alphabet. The colon is the only one of
  /// its characters that encoders of paths escape, and only some do.
  func labelParameter(_ name: String) -> String {
    parameter(name).replacing("%3A", with: ":").replacing("%3a", with: ":")
  }

  /// A parameter of the query, percent-decoded.
  func query(_ name: String) -> String? {
    request.uri.queryParameters[name[...]].map(String.init)
  }
}

/// The check of `Content-Type`.
enum ContentType {
  /// Accepts `application/json` with any parameters, repeated only with the same value: some game
  /// platforms send the header twice.
  static func requireJSON(_ fields: RequestFields) throws(APIError) {
    // What almost everybody sends; the rest of this was 9 % of a heartbeat's instructions.
    if fields.has(.contentType, "application/json") { return }
    let values = fields[values: .contentType]
      .flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
      .map { trimmed($0).lowercased() }
    guard let first = values.first, values.allSatisfy({ $0 == first }), isJSON(first) else {
      throw APIError(.unsupportedMediaType, "Content-Type must be application/json.")
    }
  }

  private static func isJSON(_ value: String) -> Bool {
    trimmed(value.prefix { $0 != ";" }) == "application/json"
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " || $0 == "\t" }
    guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return start[...end]
  }
}
