import HTTPTypes
import NIOCore
import NIOHTTP1
import PrometheusText
import Testing

@testable import HTTPAPI

@Suite("What is counted of requests")
struct RequestMetricsTests {
  private let registry = PrometheusRegistry(
    declaring: [
      .init("playmeter_http_requests_total", .counter, "Requests."),
      .init("playmeter_http_request_duration_seconds", .histogram(seconds: [1]), "Durations."),
      .init("playmeter_http_requests_in_flight", .gauge, "In flight."),
      .init("playmeter_http_connections", .gauge, "Connections."),
      .init("playmeter_http_limited_total", .counter, "What limits refused."),
      .init("playmeter_tls_handshakes_total", .counter, "Handshakes."),
    ]
  )

  private var listener: Listener {
    .loopback(metrics: RequestMetrics(listener: "public", factory: registry))
  }

  /// The lines of a metric, without its name, that are not 0.
  private func lines(_ name: String) -> [String] {
    registry.text.split(separator: "\n").filter { $0.hasPrefix(name + "{") && !$0.hasSuffix(" 0") }
      .map { String($0.dropFirst(name.count)) }
  }

  @Test("Each answer counts for its route's pattern, its method and its status")
  func routes() async throws {
    let client = PublicAPI.ofHosts(listener: listener).client()
    let beat = "/v1/game/session/heartbeat"
    _ = try await client.send(.patch, beat, fields: Client.json, body: "{}")
    _ = try await client.send(.patch, beat, fields: Client.game, body: "{}")
    _ = try await client.send(.patch, beat, fields: Client.game, body: "{}")
    _ = try await client.send(.get, "/healthz")
    _ = try await client.send(.head, "/healthz")
    _ = try await client.send(.post, "/healthz")
    _ = try await client.send(.delete, "/api/host/pc-1")
    _ = try await client.send(.options, "/api/anything")
    let requests = "playmeter_http_requests_total"
    #expect(
      lines(requests) == [
        line("DELETE", "/api/host/{hostId}", 401, 1),
        line("GET", "/healthz", 200, 2),
        line("OPTIONS", "preflight", 204, 1),
        line("PATCH", beat, 400, 2),
        line("PATCH", beat, 401, 1),
        line("any", "unmatched", 405, 1),
      ]
    )
    let durations = lines("playmeter_http_request_duration_seconds_count")
    #expect(
      durations.contains(#"{listener="public",method="GET",route="/healthz"} 2"#)
    )
    #expect(lines("playmeter_http_requests_in_flight") == [])
  }

  private func line(_ method: String, _ route: String, _ status: Int, _ count: Int) -> String {
    "{listener=\"public\",method=\"\(method)\",route=\"\(route)\",status=\"\(status)\"} \(count)"
  }

  @Test("10,000 random paths and methods are one line")
  func randomPaths() async throws {
    let client = PublicAPI(listener: listener).client()
    _ = try await client.send(.get, "/nothing")
    let before = registry.text.split(separator: "\n").count
    for number in 0..<10_000 {
      let method = HTTPRequest.Method("M\(number % 500)") ?? .get
      let path = "/\(String(UInt64.random(in: 0 ... .max), radix: 36))/\(number)"
      #expect(try await client.send(method, path).status == 404)
    }
    #expect(registry.text.split(separator: "\n").count == before)
    #expect(lines("playmeter_http_requests_total") == [line("any", "unmatched", 404, 10_001)])
  }

  @Test("The management listener shows the metrics without a token, the public one not at all")
  func exposition() async throws {
    let registry = registry
    let api = ManagementAPI(
      administration: AdministrationDouble(),
      accounting: AccountingDouble(),
      hosts: HostsDouble(),
      readiness: ReadinessDouble(),
      metrics: MetricsExposition(contentType: PrometheusRegistry.contentType) { "a 1\n" },
      adminTokens: ["token"],
      listener: listener
    )
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/metrics")
    let request = IncomingRequest(head: RequestHead(head), body: .complete([]), peer: nil)
    let response = await api.responder.respond(to: request)
    let text = String(buffer: response.encoded(isLast: response.isLast))
    let type = "Content-Type: text/plain; version=0.0.4; charset=utf-8"
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.hasSuffix("\r\n\(type)\r\nContent-Length: 4\r\n\r\na 1\n"))
    #expect(try await PublicAPI(listener: listener).client().send(.get, "/metrics").status == 404)
    #expect(registry.text.contains(#"route="/metrics",status="200"} 1"#))
  }
}
