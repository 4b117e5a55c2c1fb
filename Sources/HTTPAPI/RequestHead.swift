import HTTPTypes
import NIOHTTP1

/// The line and the header of a request, whoever has read them.
struct RequestHead: Sendable {
  let method: HTTPRequest.Method
  /// Path and query, as they were sent.
  let target: String
  /// Whether the target is nothing but a path, as almost every one.
  let isPath: Bool
  let fields: RequestFields
  /// Whether the client wants to go on with the connection.
  let isKeepAlive: Bool

  init(
    method: HTTPRequest.Method,
    target: String,
    isPath: Bool,
    fields: RequestFields,
    isKeepAlive: Bool
  ) {
    self.method = method
    self.target = target
    self.isPath = isPath
    self.fields = fields
    self.isKeepAlive = isKeepAlive
  }

  /// What the library's parser has read.
  init(_ head: HTTPRequestHead) {
    method = HTTPRequest.Method(head.method)
    target = head.uri
    isPath =
      target.utf8.first == UInt8(ascii: "/") && !target.utf8.contains(UInt8(ascii: "?"))
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
