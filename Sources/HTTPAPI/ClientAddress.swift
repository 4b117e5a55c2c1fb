import Domain
import HTTPTypes
import NIOCore

/// Finds out where a request came from.
///
/// `X-Forwarded-For` is a claim that every client can make. Only what a trusted proxy appended is
/// believed, so the list is read from its right end, as far as trusted proxies reach.
struct ClientAddress: Sendable {
  /// A Unix socket's peer is a process on this machine.
  private static let loopback = IPAddress("127.0.0.1")

  let trustedProxies: [Network]

  /// The caller's address, or nil when the connection does not tell its own.
  func address(of request: IncomingRequest) -> IPAddress? {
    guard var address = request.peer else { return nil }
    var hops =
      request.fields[values: .forwardedFor]
      .flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }[...]
    while isTrusted(address), let hop = hops.popLast() {
      // A proxy of ours writes addresses; what is left of anything else was not written by one.
      guard let next = IPAddress(hop.filter { $0 != " " && $0 != "\t" }) else { return address }
      address = next
    }
    return address
  }

  private func isTrusted(_ address: IPAddress) -> Bool {
    trustedProxies.contains { $0.contains(address) }
  }

  /// The address at the other end of a connection, or nil when it does not tell.
  static func address(of peer: SocketAddress?) -> IPAddress? {
    guard let text = peer?.ipAddress else { return loopback }
    return IPAddress(text)
  }
}
