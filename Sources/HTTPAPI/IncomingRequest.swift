import Domain
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// A request with as much of its body as we want to see.
struct IncomingRequest: Sendable {
  let method: HTTPRequest.Method
  /// The path without the query, as it was sent.
  let path: String
  let fields: RequestFields
  let body: BoundedBody
  /// The other end of the connection.
  let peer: IPAddress?
  /// Whether the other end has proved who it is by a certificate that the listener asked for.
  let hasClientCertificate: Bool
  /// Whether the client wants to go on with the connection.
  let isKeepAlive: Bool
  private let target: String

  init(
    head: HTTPRequestHead,
    body: BoundedBody,
    peer: IPAddress?,
    hasClientCertificate: Bool = false
  ) {
    method = HTTPRequest.Method(head.method)
    target = head.uri
    path = Self.path(of: head.uri)
    fields = RequestFields(head.headers)
    self.body = body
    self.peer = peer
    self.hasClientCertificate = hasClientCertificate
    isKeepAlive = head.isKeepAlive
  }

  /// Path and query, taken apart.
  var uri: URI { URI(target) }

  /// Almost every target is nothing but a path, which need not be taken apart.
  private static func path(of target: String) -> String {
    let isPath = target.utf8.first == UInt8(ascii: "/") && !target.utf8.contains(UInt8(ascii: "?"))
    return isPath ? target : URI(target).path
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
