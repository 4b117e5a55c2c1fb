import Domain
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPAPI

@Suite("The client's address")
struct ClientAddressTests {
  private static let trusted = [
    Network("10.0.0.0/8")!, Network("127.0.0.1")!, Network("fd00::/8")!,
  ]

  private func address(
    peer: SocketAddress?,
    forwarded: [String],
    trusted: [Network] = trusted
  ) -> String? {
    let head = HTTPRequestHead(
      version: .http1_1,
      method: .POST,
      uri: "/",
      headers: HTTPHeaders(forwarded.map { ("X-Forwarded-For", $0) })
    )
    let address = ClientAddress.address(of: peer)
    let request = IncomingRequest(head: RequestHead(head), body: .complete([]), peer: address)
    return ClientAddress(trustedProxies: trusted).address(of: request)?.description
  }

  @Test(
    "Only what trusted proxies appended is believed",
    arguments: [
      ("203.0.113.9", [], "203.0.113.9"),
      // Who is no proxy of ours may claim what they like.
      ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
      ("203.0.113.9", ["10.0.0.1"], "203.0.113.9"),
      ("10.0.0.1", [], "10.0.0.1"),
      ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
      // The client sent the left part itself.
      ("10.0.0.1", ["203.0.113.5, 198.51.100.1"], "198.51.100.1"),
      ("10.0.0.1", ["203.0.113.5", "198.51.100.1"], "198.51.100.1"),
      ("10.0.0.1", ["203.0.113.5, 198.51.100.1 ,\t10.0.0.2"], "198.51.100.1"),
      ("10.0.0.1", ["10.0.0.3,10.0.0.2"], "10.0.0.3"),
      // Left of garbage nothing counts.
      ("10.0.0.1", ["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
      ("10.0.0.1", ["198.51.100.1,"], "10.0.0.1"),
      ("10.0.0.1", ["198.51.100.1:4711"], "10.0.0.1"),
      ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
      ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ]
  )
  func walk(peer: String, forwarded: [String], expected: String) throws {
    let peer = try SocketAddress(ipAddress: peer, port: 1)
    #expect(address(peer: peer, forwarded: forwarded) == expected)
  }

  @Test("A Unix socket's peer counts as this machine")
  func unixSocket() throws {
    let socket = try SocketAddress(unixDomainSocketPath: "/run/x.sock")
    for peer in [socket, nil] {
      #expect(address(peer: peer, forwarded: []) == "127.0.0.1")
      #expect(address(peer: peer, forwarded: ["198.51.100.1"]) == "198.51.100.1")
      #expect(address(peer: peer, forwarded: ["198.51.100.1"], trusted: []) == "127.0.0.1")
    }
  }

  @Test("A start through a proxy is judged by the address behind it")
  func start() async throws {
    let access = CafeAccess(
      launcherSecrets: [Sample.secret],
      networks: [Network("198.51.100.0/24")!]
    )
    for (forwarded, isInside) in [("198.51.100.1", true), ("198.51.100.1, 203.0.113.1", false)] {
      let launchers = LauncherSessionsDouble { $0.access = .success(access) }
      var fields = LauncherStartTests.fields
      fields[.forwardedFor] = forwarded
      _ = try await PublicAPI(launchers: launchers, trustedProxies: Self.trusted).client(fields)
        .send(.post, LauncherStartTests.path, body: LauncherStartTests.body, peer: "10.0.0.1")
      #expect(launchers.asked.starts.map(\.isInsideCafe) == [isInside])
    }
  }
}
