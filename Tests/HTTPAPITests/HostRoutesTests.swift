import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The hosts' endpoints")
struct HostRoutesTests {
  private static let heartbeat = "/api/host/heartbeat"
  private static let body = #"{"hostId":"pc-1","roomId":"room-1"}"#

  private func send(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ body: String = "",
    fields: HTTPFields = Client.host,
    to hosts: HostsDouble = HostsDouble()
  ) async throws -> Answer {
    try await PublicAPI.ofHosts(hosts).client(fields).send(method, path, body: body)
  }

  @Test("A host that says no more than it must gets the defaults, and is told its TTL")
  func leastHeartbeat() async throws {
    let hosts = HostsDouble()
    let answer = try await send(.post, Self.heartbeat, Self.body, to: hosts)
    #expect(answer.status == 200)
    #expect(answer.document.text == #"{"success":true,"ttl":30}"#)
    let expected = HostBeat(
      id: Sample.name("pc-1"),
      room: Sample.name("room-1"),
      region: Sample.name("local"),
      status: nil,
      capacity: 1,
      availableSlots: nil
    )
    #expect(hosts.asked.beats == [expected])
  }

  @Test("Everything that a host says is handed on, and what we do not know is ignored")
  func fullHeartbeat() async throws {
    let hosts = HostsDouble()
    let answer = try await send(
      .post,
      Self.heartbeat,
      #"{"availableSlots":0,"capacity":64.0,"hostId":"a.b:c_D-1","region":"eu-central","#
        + #""roomId":"r","status":"draining","gpu":{"serial":18446744073709551616}}"#,
      to: hosts
    )
    #expect(answer.status == 200)
    let expected = HostBeat(
      id: Sample.name("a.b:c_D-1"),
      room: Sample.name("r"),
      region: Sample.name("eu-central"),
      status: .draining,
      capacity: 64,
      availableSlots: 0
    )
    #expect(hosts.asked.beats == [expected])
  }

  @Test("A host program that closes each connection and doubles its content type is served")
  func realProgram() async throws {
    let hosts = HostsDouble()
    try await LiveServer.with {
      PublicAPI.ofHosts(hosts, listener: $0)
    } _: { server in
      let body =
        #"{"availableSlots":1,"capacity":1,"hostId":"pc-1","region":"local","roomId":"r","#
        + #""status":"idle"}"#
      let head = [
        "POST /api/host/heartbeat HTTP/1.1", "Host: x", "Authorization: Bearer old-secret",
        "Content-Type: application/json", "Content-Type: application/json",
        "Content-Length: \(body.utf8.count)", "Connection: close", "", "",
      ]
      // It reads until the server closes.
      let answer = try await server.exchange([head.joined(separator: "\r\n") + body])
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      #expect(answer.hasSuffix(#"{"success":true,"ttl":30}"#))
    }
    #expect(hosts.asked.beats.map(\.status) == [.idle])
  }

  @Test("A status is set, and a host that does not live is told to register anew")
  func status() async throws {
    let hosts = HostsDouble()
    let body = #"{"hostId":"pc-1","status":"busy"}"#
    let answer = try await send(.post, "/api/host/status", body, to: hosts)
    #expect(answer.status == 200)
    #expect(answer.document == ["success": true])
    #expect(hosts.asked.commands == ["status pc-1 busy"])
    hosts.change { $0.isKnown = false }
    let unknown = try await send(.post, "/api/host/status", body, to: hosts)
    #expect(unknown.status == 404)
    #expect(unknown.document == ["success": false, "error": "Host not found"])
  }

  @Test("A host leaves, with its colon escaped or not")
  func leave() async throws {
    let hosts = HostsDouble()
    for path in ["pc-1", "a:b", "a%3Ab", "a%3ab"] {
      let answer = try await send(.delete, "/api/host/" + path, to: hosts)
      #expect(answer.status == 200)
      #expect(answer.document == ["success": true])
    }
    #expect(hosts.asked.commands == ["leave pc-1", "leave a:b", "leave a:b", "leave a:b"])
    hosts.change { $0.isKnown = false }
    for path in ["pc-1", "a%20b", String(repeating: "a", count: 65)] {
      let unknown = try await send(.delete, "/api/host/" + path, to: hosts)
      #expect(unknown.status == 404)
      #expect(unknown.document == ["success": false, "error": "Host not found"])
    }
  }

  @Test("A host whose name is an endpoint's leaves like any other, and the endpoints stay")
  func leaveNamedLikeAnEndpoint() async throws {
    let hosts = HostsDouble()
    for name in ["heartbeat", "status"] {
      #expect(try await send(.delete, "/api/host/" + name, to: hosts).status == 200)
      let wrong = try await send(.put, "/api/host/" + name, to: hosts)
      #expect((wrong.status, wrong.fields[.allow]) == (405, "DELETE, POST"))
    }
    #expect(try await send(.post, Self.heartbeat, Self.body, to: hosts).status == 200)
    #expect(hosts.asked.commands == ["leave heartbeat", "leave status", "heartbeat pc-1"])
    let other = try await send(.put, "/api/host/pc-1", to: hosts)
    #expect((other.status, other.fields[.allow]) == (405, "DELETE"))
  }

  @Test("Both secrets are accepted, and the word Bearer in any case")
  func secrets() async throws {
    for authorization in ["Bearer new-secret", "Bearer old-secret", "bearer new-secret"] {
      let fields: HTTPFields = [
        .contentType: "application/json", .authorization: authorization,
      ]
      #expect(try await send(.post, Self.heartbeat, Self.body, fields: fields).status == 200)
    }
  }

  @Test(
    "Whoever has no secret is refused before anything is looked at",
    arguments: [
      (nil, 401), ("", 401), ("Bearer", 401), ("Bearer ", 401), ("new-secret", 401),
      ("Basic new-secret", 401), ("Bearer wrong", 403), ("Bearer new-secret1", 403),
      ("Bearer new-secre", 403),
    ] as [(String?, Int)]
  )
  func refusals(authorization: String?, status: Int) async throws {
    let hosts = HostsDouble()
    var fields = HTTPFields()
    fields[.authorization] = authorization
    for (method, path) in [
      (HTTPRequest.Method.post, Self.heartbeat), (.post, "/api/host/status"),
      (.delete, "/api/host/pc-1"),
    ] {
      let answer = try await send(method, path, "{", fields: fields, to: hosts)
      let text =
        status == 401
        ? "Unauthorized: Missing or invalid Authorization header"
        : "Forbidden: Invalid host secret"
      #expect(answer.status == status)
      #expect(answer.document == ["success": false, "error": .string(text)])
    }
    #expect(hosts.asked.commands.isEmpty)
  }

  @Test("Without a secret in the settings nobody is a host, whatever they show")
  func noSecret() async throws {
    for authorization in [nil, "Bearer ", "Bearer new-secret"] {
      var fields = Client.json
      fields[.authorization] = authorization
      let answer = try await PublicAPI.ofHosts { $0.secrets = [] }.client(fields)
        .send(.post, Self.heartbeat, body: Self.body)
      #expect(answer.status == 403)
      #expect(answer.document["error"] == "Forbidden: Invalid host secret")
    }
  }

  @Test("A fault of ours is 503 or 500 and never 404, in the API's own shape")
  func faults() async throws {
    for (fault, status) in [(ServiceFault.unavailable("redis"), 503), (.broken("redis"), 500)] {
      let hosts = HostsDouble { $0.fault = fault }
      for (method, path, body) in [
        (HTTPRequest.Method.post, Self.heartbeat, Self.body),
        (.post, "/api/host/status", #"{"hostId":"a","status":"idle"}"#),
        (.delete, "/api/host/pc-1", ""),
      ] {
        let answer = try await send(method, path, body, to: hosts)
        #expect(answer.status == status)
        #expect(answer.fields[.retryAfter] == (status == 503 ? "1" : nil))
        guard case .object(let members) = answer.document else { return #expect(Bool(false)) }
        #expect(members.map(\.name) == ["success", "error"])
        #expect(!answer.document.text.contains("redis"))
      }
    }
  }

  @Test("Credentials come before the content type, the type before the body")
  func order() async throws {
    var fields = Client.host
    fields[.contentType] = "text/plain"
    let type = try await send(.post, Self.heartbeat, "{", fields: fields)
    #expect(type.status == 415)
    #expect(type.document["success"] == false)
    #expect(type.document["issues"] == nil)
  }
}
