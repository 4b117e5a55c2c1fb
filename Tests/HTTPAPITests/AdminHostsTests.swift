import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The admin API for hosts")
struct AdminHostsTests {
  private func client(_ hosts: HostsDouble = HostsDouble()) -> Client {
    let api = ManagementAPI(
      administration: AdministrationDouble(),
      accounting: AccountingDouble(),
      hosts: hosts,
      readiness: ReadinessDouble(),
      adminTokens: ["admin-token"],
      listener: .loopback()
    )
    let fields: HTTPFields = [
      .contentType: "application/json", .authorization: "Bearer admin-token",
    ]
    return Client(responder: api.responder, fields: fields)
  }

  @Test("An operator sees every live host with its room, its TTL and whether it is drained")
  func list() async throws {
    let hosts = HostsDouble { $0.nextCursor = "pc-1" }
    let answer = try await client(hosts).send(.get, "/v1/admin/hosts?cursor=a&limit=7")
    #expect(answer.status == 200)
    #expect(
      answer.data?.text == #"{"hosts":[{"host_id":"pc-1","room_id":"room-1","region":"local","#
        + #""status":"idle","drained":true,"capacity":2,"available_slots":1,"#
        + #""last_heartbeat_at":5000,"ttl_sec":29}],"next_cursor":"pc-1"}"#
    )
    _ = try await client(hosts).send(.get, "/v1/admin/hosts?region=local&status=busy")
    #expect(hosts.asked.commands == ["hosts - all a 7", "hosts local busy - 100"])
    let refused = try await client(hosts).send(.get, "/v1/admin/hosts?status=idle")
    #expect((refused.status, refused.code) == (400, "BAD_REQUEST"))
  }

  @Test("An operator drains a host and lets it go again")
  func drain() async throws {
    let hosts = HostsDouble()
    let path = "/v1/admin/hosts/a%3Ab/drain"
    let drained = try await client(hosts).send(.post, path)
    #expect(drained.data == ["host_id": "a:b", "drained": true])
    let undone = try await client(hosts).send(.post, path, body: #"{"undo":true}"#)
    #expect(undone.data == ["host_id": "a:b", "drained": false])
    _ = try await client(hosts).send(.post, path, body: #"{"undo":false}"#)
    #expect(hosts.asked.commands == ["drain a:b true", "drain a:b false", "drain a:b true"])
    let wrong = try await client(hosts).send(.post, path, body: #"{"undo":1}"#)
    #expect((wrong.status, wrong.code) == (400, "BAD_REQUEST"))
  }

  @Test("A host that does not live is not found, and a fault is not mistaken for it")
  func unknown() async throws {
    let hosts = HostsDouble { $0.isKnown = false }
    for id in ["pc-1", "a%20b"] {
      let answer = try await client(hosts).send(.post, "/v1/admin/hosts/\(id)/drain")
      #expect((answer.status, answer.code) == (404, "NOT_FOUND"))
    }
    hosts.change { $0.fault = .unavailable("away") }
    let away = try await client(hosts).send(.post, "/v1/admin/hosts/pc-1/drain")
    #expect((away.status, away.code) == (503, "UNAVAILABLE"))
  }

  @Test("Whoever has not the token is refused, and the public listener knows nothing of it")
  func separation() async throws {
    let hosts = HostsDouble()
    for (method, path) in [
      (HTTPRequest.Method.get, "/v1/admin/hosts"), (.post, "/v1/admin/hosts/a/drain"),
    ] {
      let refused = try await client(hosts).send(method, path, fields: [:])
      #expect(refused.code == "INVALID_ADMIN_TOKEN")
      #expect(try await PublicAPI.ofHosts(hosts).client().send(method, path).code == "NOT_FOUND")
    }
    #expect(hosts.asked.commands.isEmpty)
    #expect(try await client().send(.get, "/api/hosts").status == 404)
  }
}
