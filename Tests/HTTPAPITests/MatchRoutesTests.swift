import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The search for a host")
struct MatchRoutesTests {
  private static let path = "/api/match/find"

  private func find(
    _ hosts: HostsDouble,
    _ body: String = "{}",
    fields: HTTPFields = Client.json,
    peer: String = "203.0.113.9",
    _ change: (inout HostAPISettings) -> Void = { _ in }
  ) async throws -> Answer {
    try await PublicAPI.ofHosts(hosts, change).client(fields)
      .send(.post, Self.path, body: body, peer: peer)
  }

  @Test("Whoever finds a host gets all that its browser needs, in the published names")
  func found() async throws {
    let answer = try await find(HostsDouble())
    let id = Sample.match.reservation
    let username = "1772802000:\(id)"
    let credential = TURNSecret("north").credential(of: username)
    #expect(answer.status == 200)
    #expect(
      answer.document.text == #"{"found":true,"hostId":"pc-1","roomId":"room-1","#
        + #""region":"local","signalingUrl":"wss://signal.example/ws","#
        + #""iceServers":[{"urls":"stun:stun.example:3478"},"#
        + #"{"urls":"turn:turn.example:3478?transport=udp","username":"\#(username)","#
        + #""credential":"\#(credential)"}],"#
        + #""reservationId":"\#(id)","expiresAt":1772798460000}"#
    )
    #expect(answer.fields[.cacheControl] == "no-store")
  }

  @Test(
    "A wish is handed on as it is",
    arguments: [
      ("", [], nil), ("{}", [], nil), (#"{"region":null,"other":1}"#, [], nil),
      (#"{"region":"local"}"#, ["local"], nil),
      (
        #"{"region":"local","fallback":["us-east-1","local","eu-central"]}"#,
        ["local", "us-east-1", "eu-central"], nil
      ),
      (#"{"fallback":["us-east-1"]}"#, [], nil), (#"{"hostId":"pc:1"}"#, [], "pc:1"),
    ] as [(String, [String], String?)]
  )
  func wishes(body: String, regions: [String], host: String?) async throws {
    let hosts = HostsDouble()
    // Without a body there need be no content type either.
    let answer = try await find(hosts, body, fields: body.isEmpty ? [:] : Client.json)
    #expect(answer.status == 200)
    let request = try #require(hosts.asked.requests.first)
    #expect(request.regions.map(\.text) == regions)
    #expect(request.host?.text == host)
    #expect(request.idempotencyKey == nil)
    #expect(request.address == "203.0.113.9")
  }

  @Test("An IPv6 /64 counts as one caller, and a proxy's word only when it is trusted")
  func addresses() async throws {
    let hosts = HostsDouble()
    for peer in ["2001:db8:0:12::1", "2001:db8:0:12:ffff::2", "2001:db8:0:13::1"] {
      _ = try await find(hosts, peer: peer)
    }
    var fields = Client.json
    fields[.forwardedFor] = "198.51.100.1"
    _ = try await find(hosts, fields: fields)
    #expect(
      hosts.asked.requests.map(\.address)
        == ["2001:db8:0:12::/64", "2001:db8:0:12::/64", "2001:db8:0:13::/64", "203.0.113.9"]
    )
    #expect(IPAddress("::ffff:203.0.113.9")?.household == "203.0.113.9")
  }

  @Test("An idempotency key is handed on")
  func idempotencyKey() async throws {
    for length in [16, 128] {
      let hosts = HostsDouble()
      var fields = Client.json
      fields[.idempotencyKey] = String(repeating: "k", count: length)
      #expect(try await find(hosts, fields: fields).status == 200)
      #expect(hosts.asked.requests[0].idempotencyKey?.count == length)
    }
  }

  @Test("When none is free, it says so with 404")
  func noneFree() async throws {
    let answer = try await find(HostsDouble { $0.outcome = .noneFree })
    #expect(answer.status == 404)
    guard case .object(let members) = answer.document else { return #expect(Bool(false)) }
    #expect(members.map(\.name) == ["found", "message"])
    #expect(answer.document["found"] == false)
    #expect(answer.document["message"]?.string?.isEmpty == false)
  }

  @Test("What is neither found nor free has its status and the wait, and found and message")
  func otherOutcomes() async throws {
    let cases: [(HostsDouble, Int, String?)] = [
      (HostsDouble { $0.outcome = .warmingUp(retryAfterSeconds: 17) }, 503, "17"),
      (HostsDouble { $0.outcome = .warmingUp(retryAfterSeconds: 0) }, 503, "1"),
      (HostsDouble { $0.outcome = .tooManyPending(retryAfterSeconds: 42) }, 429, "42"),
      (HostsDouble { $0.fault = .unavailable("away") }, 503, "1"),
      (HostsDouble { $0.fault = .broken("odd") }, 500, nil),
    ]
    for (hosts, status, wait) in cases {
      let answer = try await find(hosts)
      #expect(answer.status == status)
      #expect(answer.fields[.retryAfter] == wait)
      expectRefusal(answer)
    }
    let warming = try await find(HostsDouble { $0.outcome = .warmingUp(retryAfterSeconds: 1) })
    #expect(warming.document["message"]?.string?.contains("warming up") == true)
  }

  @Test("Every refusal that comes before the search carries found and message, too")
  func earlyRefusals() async throws {
    let client = PublicAPI.ofHosts().client(Client.json)
    let large = String(repeating: "x", count: 16 * 1024 + 1)
    let answers = [
      (405, try await client.send(.get, Self.path)),
      (413, try await client.send(.post, Self.path, body: large)),
      (415, try await client.send(.post, Self.path, fields: [:], body: "{}")),
      (400, try await client.send(.post, Self.path, body: "{")),
      (400, try await client.send(.post, Self.path, body: #"{"region":"mars"}"#)),
    ]
    for (status, answer) in answers {
      #expect(answer.status == status)
      expectRefusal(answer)
    }
    #expect(answers[4].1.document["issues"] != nil)
  }

  private func expectRefusal(_ answer: Answer) {
    #expect(answer.document["success"] == false)
    #expect(answer.document["error"]?.string?.isEmpty == false)
    #expect(answer.document["found"] == false)
    #expect(answer.document["message"] == answer.document["error"])
    #expect(answer.fields[.cacheControl] == "no-store")
  }

  @Test("Without a signaling server a match is given back and none is found")
  func noSignaling() async throws {
    let hosts = HostsDouble()
    let answer = try await find(hosts) {
      $0.secrets = []
      $0.signalingURL = nil
    }
    #expect(answer.status == 404)
    #expect(answer.document["found"] == false)
    #expect(hosts.asked.commands == ["find", "release \(Sample.match.reservation)"])
  }

  @Test("A search needs no secret")
  func noSecret() async throws {
    #expect(try await find(HostsDouble()) { $0.secrets = [] }.status == 200)
  }

  @Test("A reservation is confirmed and released, once", arguments: ["confirm", "release"])
  func settle(verb: String) async throws {
    let hosts = HostsDouble()
    let id = Sample.match.reservation
    let client = PublicAPI.ofHosts(hosts).client()
    let path = "/api/match/\(id)/\(verb)"
    let answer = try await client.send(.post, path)
    #expect(answer.status == 200)
    #expect(answer.document == ["success": true])
    #expect(hosts.asked.commands == ["\(verb) \(id)"])
    hosts.change { $0.isKnown = false }
    for path in [path, "/api/match/rv_1/\(verb)", "/api/match/find/\(verb)"] {
      let unknown = try await client.send(.post, path)
      #expect(unknown.status == 404)
      #expect(unknown.document == ["success": false, "error": "Reservation not found"])
    }
    hosts.change { $0.fault = .unavailable("away") }
    let away = try await client.send(.post, path)
    #expect((away.status, away.fields[.retryAfter]) == (503, "1"))
  }
}
