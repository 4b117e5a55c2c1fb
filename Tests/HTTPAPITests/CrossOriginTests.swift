import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("Calls from web pages")
struct CrossOriginTests {
  private static let origin = "https://play.example"
  private static let common: [(HTTPField.Name, String)] = [
    (.accessControlAllowMethods, "GET, POST, DELETE, OPTIONS"),
    (
      .accessControlAllowHeaders,
      "Content-Type, Authorization, X-Request-Id, Idempotency-Key"
    ),
    (.accessControlExposeHeaders, "X-Request-Id, Retry-After"),
    (.accessControlMaxAge, "86400"),
  ]

  @Test("Every response under /api may be read by a page, errors of every kind included")
  func everyResponse() async throws {
    let hosts = HostsDouble()
    let away = HostsDouble { $0.fault = .unavailable("away") }
    let broken = HostsDouble { $0.fault = .broken("odd") }
    let taken = HostsDouble { $0.outcome = .noneFree }
    let greedy = HostsDouble { $0.outcome = .tooManyPending(retryAfterSeconds: 1) }
    let large = String(repeating: "x", count: 16 * 1024 + 1)
    let find = "/api/match/find"
    let cases: [(Int, HostsDouble, HTTPRequest.Method, String, HTTPFields, String)] = [
      (200, hosts, .post, find, Client.json, "{}"), (200, hosts, .get, "/api/hosts", [:], ""),
      (400, hosts, .post, find, Client.json, "{"),
      (401, hosts, .post, "/api/host/heartbeat", [:], ""),
      (403, hosts, .delete, "/api/host/a", [.authorization: "Bearer x"], ""),
      (404, hosts, .get, "/api/nothing", [:], ""), (404, hosts, .get, "/api", [:], ""),
      (404, taken, .post, find, [:], ""), (405, hosts, .put, "/api/hosts", [:], ""),
      (413, hosts, .post, find, Client.json, large), (415, hosts, .post, find, [:], "{}"),
      (429, greedy, .post, find, [:], ""), (500, broken, .get, "/api/hosts", [:], ""),
      (503, away, .post, find, [:], ""),
    ]
    for (status, hosts, method, path, fields, body) in cases {
      let answer = try await PublicAPI.ofHosts(hosts).client(fields).send(method, path, body: body)
      #expect(answer.status == status)
      expectCommonFields(answer)
      #expect(answer.fields[.accessControlAllowOrigin] == "*")
      #expect(answer.fields[.vary] == nil)
      #expect(answer.fields[.requestID] != nil)
      #expect(answer.fields[.contentType] == "application/json")
    }
  }

  @Test("A preflight is answered for every path under /api, without a body")
  func preflight() async throws {
    let hosts = HostsDouble { $0.fault = .unavailable("away") }
    for path in ["/api/match/find", "/api/host/heartbeat", "/api/host/a", "/api/nothing", "/api"] {
      let fields: HTTPFields = [.origin: Self.origin, .accessControlRequestMethod: "POST"]
      let answer = try await PublicAPI.ofHosts(hosts).client(fields).send(.options, path)
      #expect(answer.status == 204)
      #expect(answer.document == .null)
      expectCommonFields(answer)
      #expect(answer.fields[.accessControlAllowOrigin] == "*")
      #expect(answer.fields[.contentLength] == nil)
      #expect(answer.fields[.contentType] == nil)
      #expect(answer.fields[.requestID] != nil)
    }
  }

  @Test("A listed origin is echoed, another is not, and caches are told to tell them apart")
  func listed() async throws {
    for (origin, isAllowed) in [
      (Self.origin, true), ("https://other.example", false), (Self.origin + ".evil", false),
      ("http://play.example", false), (nil, false),
    ] {
      var fields = Client.json
      fields[.origin] = origin
      let client = PublicAPI.ofHosts { $0.origins = .listed([Self.origin, "http://b"]) }
        .client(fields)
      for (method, path) in [
        (HTTPRequest.Method.options, "/api/match/find"), (.post, "/api/match/find"),
        (.get, "/api/nothing"),
      ] {
        let answer = try await client.send(method, path, body: method == .post ? "{}" : "")
        #expect(answer.fields[.accessControlAllowOrigin] == (isAllowed ? origin : nil))
        #expect(answer.fields[.vary] == "Origin")
        expectCommonFields(answer)
      }
    }
  }

  @Test("Other paths are none of a page's business")
  func otherPaths() async throws {
    let client = PublicAPI.ofHosts().client([.origin: Self.origin])
    for path in ["/healthz", "/v1/nothing", "/apiary", "/"] {
      let answer = try await client.send(.options, path)
      #expect(answer.status == 404 || answer.status == 405)
      #expect(answer.fields[.accessControlAllowOrigin] == nil)
    }
  }

  @Test("A live preflight has neither a body nor its length")
  func live() async throws {
    try await LiveServer.with {
      PublicAPI.ofHosts(listener: $0)
    } _: { server in
      let text = "OPTIONS /api/match/find HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      let answer = try await server.exchange([text])
      #expect(answer.hasPrefix("HTTP/1.1 204 "))
      #expect(answer.hasSuffix("\r\n\r\n"))
      #expect(!answer.lowercased().contains("content-length"))
      #expect(!answer.lowercased().contains("transfer-encoding"))
    }
  }

  private func expectCommonFields(_ answer: Answer) {
    for (name, value) in Self.common { #expect(answer.fields[name] == value) }
  }
}
