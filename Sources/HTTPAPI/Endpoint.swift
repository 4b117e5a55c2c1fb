import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// A method on a path and what answers it. `{name}` stands for one segment of the path.
struct Endpoint: Sendable {
  let method: HTTPRequest.Method
  let path: String
  let answer: @Sendable (Call) async throws -> Reply
  /// Where its requests are counted; nil before a listener has taken it.
  var metrics: RouteMetrics?

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

/// A status and what is said with it: a JSON document, where there is anything to say.
struct Reply: Sendable {
  let status: HTTPResponse.Status
  /// The body and its type.
  private let content: (bytes: ByteBuffer, type: String)?
  var fields: HTTPFields

  init(_ status: HTTPResponse.Status, _ document: JSONValue?, fields: HTTPFields = [:]) {
    self.status = status
    self.fields = fields
    content = document.map { (ByteBuffer(bytes: $0.bytes), "application/json") }
  }

  /// A success with a text that is no JSON.
  init(text: String, type: String) {
    status = .ok
    fields = [:]
    content = (ByteBuffer(string: text), type)
  }

  /// The response with the headers that every response has.
  func response(requestID: String) -> Response {
    var fields = fields
    fields[.requestID] = requestID
    guard let content else {
      var response = Response(status: status, headers: fields)
      // A response that cannot have a body must not announce the length of one.
      response.headers[.contentLength] = nil
      return response
    }
    fields[.contentType] = content.type
    let body = ResponseBody(byteBuffer: content.bytes)
    return Response(status: status, headers: fields, body: body)
  }
}
