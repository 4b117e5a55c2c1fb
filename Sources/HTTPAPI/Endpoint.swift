import HTTPTypes
import JSON

/// A method on a path and what answers it. `{name}` stands for one segment of the path.
struct Endpoint: Sendable {
  let method: HTTPRequest.Method
  let path: String
  let answer: @Sendable (Call) async throws -> Reply

  init(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ answer: @escaping @Sendable (Call) async throws -> Reply
  ) {
    self.method = method
    self.path = path
    self.answer = answer
  }

  /// An endpoint of `/v1`, whose data goes into the envelope of success.
  static func v1(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ data: @escaping @Sendable (Call) async throws -> JSONValue
  ) -> Endpoint {
    Endpoint(method, path) { call in
      let data = try await data(call)
      return Reply(.ok, ["success": true, "request_id": .string(call.requestID), "data": data])
    }
  }
}

/// A status and a JSON document, or none where there is nothing to say.
struct Reply: Sendable {
  let status: HTTPResponse.Status
  let document: JSONValue?
  var fields: HTTPFields

  init(_ status: HTTPResponse.Status, _ document: JSONValue?, fields: HTTPFields = [:]) {
    self.status = status
    self.document = document
    self.fields = fields
  }
}
