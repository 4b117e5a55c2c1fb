import HTTPTypes
import NIOHTTP1

/// The line and the header of a request, whoever has read them.
struct RequestHead: Sendable {
  let method: HTTPRequest.Method
  /// Path and query, as they were sent.
  let target: String
  let fields: RequestFields
  /// Whether the client wants to go on with the connection.
  let isKeepAlive: Bool

  init(
    method: HTTPRequest.Method,
    target: String,
    fields: RequestFields,
    isKeepAlive: Bool
  ) {
    self.method = method
    self.target = target
    self.fields = fields
    self.isKeepAlive = isKeepAlive
  }

  /// What the library's parser has read.
  init(_ head: HTTPRequestHead) {
    method = HTTPRequest.Method(head.method)
    target = head.uri
    fields = RequestFields(head.headers)
    isKeepAlive = head.isKeepAlive
  }
}

extension HTTPRequest.Method {
  /// The method of a parsed head; the parser lets only tokens through.
  fileprivate init(_ method: HTTPMethod) {
    switch method {
    case .GET: self = .get
    case .HEAD: self = .head
    case .POST: self = .post
    case .PATCH: self = .patch
    case .DELETE: self = .delete
    case .OPTIONS: self = .options
    default: self = HTTPRequest.Method(method.rawValue) ?? .trace
    }
  }
}
