import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("What is wrong with a request of the host API")
struct HostValidationTests {
  private func issues(
    _ path: String,
    _ body: String,
    fields: HTTPFields = Client.host
  ) async throws -> [String] {
    let hosts = HostsDouble()
    let answer = try await PublicAPI.ofHosts(hosts).client(fields).send(.post, path, body: body)
    #expect(answer.status == 400)
    #expect(answer.document["success"] == false)
    #expect(answer.document["error"] == "Validation failed")
    #expect(hosts.asked.commands.isEmpty)
    let issues = try #require(answer.document["issues"]?.array)
    return try issues.map { issue in
      guard case .object(let members) = issue else { return "no object" }
      #expect(members.map(\.name) == ["path", "message", "code"])
      #expect(issue["message"]?.string?.isEmpty == false)
      return "\(try #require(issue["path"]?.string)) \(try #require(issue["code"]?.string))"
    }
  }

  @Test(
    "Every field of a heartbeat is checked, and every fault has its kind",
    arguments: [
      ("{}", ["hostId invalid_type", "roomId invalid_type"]),
      (
        #"{"hostId":null,"roomId":7}"#,
        ["hostId invalid_type", "roomId invalid_type"]
      ),
      (#"{"hostId":"","roomId":"a b"}"#, ["hostId too_small", "roomId invalid_string"]),
      (#"{"hostId":"é","roomId":"a/b"}"#, ["hostId invalid_string", "roomId invalid_string"]),
      (
        #"{"hostId":"a","roomId":"r","region":"mars","status":"away","capacity":0,"#
          + #""availableSlots":-1}"#,
        [
          "region invalid_enum_value", "status invalid_enum_value", "capacity too_small",
          "availableSlots too_small",
        ]
      ),
      (
        #"{"hostId":"a","roomId":"r","region":1,"status":true,"capacity":65,"#
          + #""availableSlots":65}"#,
        [
          "region invalid_type", "status invalid_type", "capacity too_big",
          "availableSlots too_big",
        ]
      ),
      (
        #"{"hostId":"a","roomId":"r","capacity":1.5,"availableSlots":"1"}"#,
        ["capacity invalid_type", "availableSlots invalid_type"]
      ),
      (
        #"{"hostId":["a"],"roomId":{},"status":"IDLE"}"#,
        ["hostId invalid_type", "roomId invalid_type", "status invalid_enum_value"]
      ),
      ("{", [" invalid_json"]), ("", [" invalid_json"]), ("[]", [" invalid_type"]),
      (#"{"hostId":"a","hostId":"b"}"#, [" invalid_json"]),
    ]
  )
  func heartbeat(body: String, expected: [String]) async throws {
    #expect(try await issues("/api/host/heartbeat", body) == expected)
  }

  @Test("A name of 64 characters is accepted, a longer one is not")
  func lengths() async throws {
    let long = String(repeating: "a", count: 65)
    let body = #"{"hostId":"\#(long)","roomId":"\#(long)"}"#
    #expect(
      try await issues("/api/host/heartbeat", body) == ["hostId too_big", "roomId too_big"]
    )
    let fits = body.replacing(long, with: String(long.dropLast()))
    let answer = try await PublicAPI.ofHosts().client(Client.host)
      .send(.post, "/api/host/heartbeat", body: fits)
    #expect(answer.status == 200)
  }

  @Test("More free slots than the capacity are no fault: the smaller of both counts")
  func manySlots() async throws {
    let answer = try await PublicAPI.ofHosts().client(Client.host)
      .send(
        .post,
        "/api/host/heartbeat",
        body: #"{"hostId":"a","roomId":"r","availableSlots":64}"#
      )
    #expect(answer.status == 200)
  }

  @Test("A status needs a host and one of the three words")
  func status() async throws {
    let path = "/api/host/status"
    #expect(try await issues(path, "{}") == ["hostId invalid_type", "status invalid_type"])
    #expect(
      try await issues(path, #"{"hostId":"a","status":"gone"}"#) == ["status invalid_enum_value"]
    )
  }

  @Test(
    "Every field of a search is checked",
    arguments: [
      (#"{"region":"mars"}"#, ["region invalid_enum_value"]),
      (#"{"region":1,"hostId":"a b"}"#, ["region invalid_type", "hostId invalid_string"]),
      (#"{"fallback":"local"}"#, ["fallback invalid_type"]),
      (
        #"{"fallback":["local","mars",7]}"#,
        ["fallback.1 invalid_enum_value", "fallback.2 invalid_type"]
      ),
      ("{", [" invalid_json"]), ("[]", [" invalid_type"]),
    ]
  )
  func find(body: String, expected: [String]) async throws {
    #expect(try await issues(HostRoutes.findPath, body, fields: Client.json) == expected)
  }

  @Test("A search has at most 16 fallbacks")
  func fallbacks() async throws {
    let list = Array(repeating: #""local""#, count: 17).joined(separator: ",")
    let body = #"{"fallback":[\#(list)]}"#
    #expect(
      try await issues(HostRoutes.findPath, body, fields: Client.json) == ["fallback too_big"]
    )
  }

  @Test("An idempotency key is 16 to 128 printable characters")
  func idempotencyKey() async throws {
    for (key, code) in [
      (String(repeating: "k", count: 15), "too_small"),
      (String(repeating: "k", count: 129), "invalid_string"),
      ("a-key-with-é-in-it", "invalid_string"),
    ] {
      var fields = Client.json
      fields[.idempotencyKey] = key
      #expect(
        try await issues(HostRoutes.findPath, "{}", fields: fields) == ["Idempotency-Key \(code)"]
      )
    }
  }

  @Test(
    "The query of a list is checked",
    arguments: [
      ("region=mars", "region invalid_enum_value"), ("status=idle", "status invalid_enum_value"),
      ("cursor=" + String(repeating: "c", count: 257), "cursor too_big"),
    ]
  )
  func query(text: String, expected: String) async throws {
    for path in ["/api/hosts?", "/api/hosts/ttl?"] {
      let answer = try await PublicAPI.ofHosts().client().send(.get, path + text)
      let issue = try #require(answer.document["issues"]?[0])
      #expect(answer.status == 400)
      #expect("\(issue["path"]?.string ?? "") \(issue["code"]?.string ?? "")" == expected)
    }
  }
}
