import Domain
import HTTPTypes
import HummingbirdCore

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
    head: RequestHead,
    body: BoundedBody,
    peer: IPAddress?,
    hasClientCertificate: Bool = false
  ) {
    method = head.method
    target = head.target
    // A path need not be taken apart.
    path = head.isPath ? head.target : URI(head.target).path
    fields = head.fields
    self.body = body
    self.peer = peer
    self.hasClientCertificate = hasClientCertificate
    isKeepAlive = head.isKeepAlive
  }

  /// Path and query, taken apart.
  var uri: URI { URI(target) }
}
