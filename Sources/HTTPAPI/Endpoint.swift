import HTTPTypes
import JSON

/// A method on a path and what answers it. `{name}` stands for one segment of the path.
///
/// It is one object: a request copies it some times, which was 2 % of a heartbeat's instructions.
final class Endpoint: Sendable {
  let method: HTTPRequest.Method
  let path: String
  let answer: @Sendable (Call) async throws -> Reply
  /// Whether it is answered however many requests are in flight: a probe must tell a service that
  /// has much to do from one that is stuck.
  let isProbe: Bool
  /// Where its requests are counted; nil before a listener has taken it.
  let metrics: RouteMetrics?

  init(
    _ method: HTTPRequest.Method,
    _ path: String,
    isProbe: Bool = false,
    metrics: RouteMetrics? = nil,
    _ answer: @escaping @Sendable (Call) async throws -> Reply
  ) {
    self.method = method
    self.path = path
    self.isProbe = isProbe
    self.metrics = metrics
    self.answer = answer
  }

  /// The same, counted there.
  func measured(by metrics: RouteMetrics) -> Endpoint {
    Endpoint(method, path, isProbe: isProbe, metrics: metrics, answer)
  }

  /// An endpoint of `/v1`, whose data goes into the envelope of success.
  ///
  /// The answers to what comes most often are made of members, like this envelope. A literal of
  /// names and values is taken apart again: that was 2 % of the instructions of a heartbeat.
  static func v1(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ data: @escaping @Sendable (Call) async throws -> JSONValue
  ) -> Endpoint {
    Endpoint(method, path) { call in
      let data = try await data(call)
      return Reply(
        .ok,
        .object([
          .init("success", true), .init("request_id", .string(call.requestID)), .init("data", data),
        ])
      )
    }
  }
}

/// A status and what is said with it: a JSON document, where there is anything to say.
struct Reply: Sendable {
  let status: HTTPResponse.Status
  /// The body and its type.
  let content: (bytes: [UInt8], type: String)?
  var fields: HTTPFields

  init(_ status: HTTPResponse.Status, _ document: JSONValue?, fields: HTTPFields = [:]) {
    self.status = status
    self.fields = fields
    content = document.map { ($0.bytes, "application/json") }
  }

  /// A success with a text that is no JSON.
  init(text: String, type: String) {
    status = .ok
    fields = [:]
    content = (Array(text.utf8), type)
  }
}
