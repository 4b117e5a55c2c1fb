import Support
import Testing

/// `Content-Type`, and the order in which a request is judged.
@Suite(.serialized, .timeLimit(.minutes(2)), .installation)
struct ContentTypeTests {
  private static let body =
    #"{"ott":"00000000-0000-8000-8000-000000000000","provider_user_id":"1"}"#

  private func verify(_ headers: [String]) async throws -> RawHTTP.Answer {
    let stage = try Installation.shared
    let own = ["Content-Length: \(Self.body.utf8.count)", "X-Api-Key: \(stage.skyfall.key)"]
    let path = Installation.verifyPath
    let request = RawRequest.text("POST", path, own + headers, body: Self.body)
    return try await RawHTTP.send(request, toPort: stage.service.publicPort)
  }

  @Test(
    "JSON is taken with parameters, in any case, and with the header repeated",
    arguments: [
      ["Content-Type: application/json"],
      ["Content-Type: application/json; charset=utf-8"],
      ["Content-Type: application/json;charset=\"utf-8\"; x=y"],
      ["content-type: Application/JSON"],
      ["Content-Type: application/json", "Content-Type: application/json"],
    ]
  )
  func accepted(headers: [String]) async throws {
    _ = try await verify(headers).success()
  }

  @Test(
    "Anything else is refused",
    arguments: [
      [],
      ["Content-Type:"],
      ["Content-Type: text/plain"],
      ["Content-Type: application/jsonp"],
      ["Content-Type: application/x-www-form-urlencoded"],
      ["Content-Type: text/plain; application/json"],
      ["Content-Type: application/json", "Content-Type: text/plain"],
    ]
  )
  func refused(headers: [String]) async throws {
    try await verify(headers).refusal(415, "UNSUPPORTED_MEDIA_TYPE")
  }
}

/// The order of checks: route and method, size, credentials, content type, body, rule.
@Suite(.serialized, .timeLimit(.minutes(2)), .installation)
struct OrderOfChecksTests {
  private static let tooLarge = String(repeating: " ", count: 16_385)

  @Test("An unknown path is 404 and a wrong method 405 with Allow, before anything else")
  func route() async throws {
    let http = try Installation.shared.service.http
    let unknown = try await http.send("POST", "/v1/game/session", json: Self.tooLarge)
    try unknown.refusal(404, "NOT_FOUND")
    let methods = [
      (Installation.verifyPath, "POST"), (Installation.heartbeatPath, "PATCH"),
      (Installation.endPath, "DELETE"), (SignedStart.path, "POST"),
      ("/v1/launcher/ott", "POST"), ("/v1/launcher/session/heartbeat", "PATCH"),
      ("/v1/launcher/session/end", "DELETE"),
    ]
    for (path, allowed) in methods {
      let answer = try await http.send("PUT", path, json: Self.tooLarge)
      try answer.refusal(405, "METHOD_NOT_ALLOWED")
      #expect(answer.header("Allow") == allowed)
    }
  }

  @Test("A health path takes GET, and says so")
  func healthMethods() async throws {
    let http = try Installation.shared.service.http
    for path in ["/healthz", "/readyz"] {
      let answer = try await http.send("DELETE", path)
      #expect(answer.status == 405)
      #expect(answer.header("Allow")?.contains("GET") == true)
    }
  }

  @Test("Size comes before credentials, everywhere")
  func size() async throws {
    let service = try Installation.shared.service
    let calls = [
      (service.http, "POST", Installation.verifyPath),
      (service.http, "PATCH", Installation.heartbeatPath),
      (service.http, "POST", SignedStart.path),
      (service.http, "POST", "/v1/launcher/ott"),
      (service.management, "POST", "/v1/admin/games"),
    ]
    for (http, method, path) in calls {
      try await http.send(method, path, json: Self.tooLarge).refusal(413, "PAYLOAD_TOO_LARGE")
    }
  }

  @Test("Credentials come before content type, and that before the body")
  func credentials() async throws {
    let stage = try Installation.shared
    let bytes = Array("nonsense".utf8)
    let calls = [
      (stage.service.http, "POST", Installation.verifyPath, "INVALID_API_KEY"),
      (stage.service.http, "PATCH", Installation.heartbeatPath, "INVALID_API_KEY"),
      (stage.service.http, "DELETE", Installation.endPath, "INVALID_API_KEY"),
      (stage.service.http, "POST", SignedStart.path, "INVALID_SIGNATURE"),
      (stage.service.http, "POST", "/v1/launcher/ott", "INVALID_SESSION_TOKEN"),
      (stage.service.management, "POST", "/v1/admin/games", "INVALID_ADMIN_TOKEN"),
    ]
    for (http, method, path, code) in calls {
      try await http.send(method, path, body: bytes).refusal(401, code)
    }
    let headers = ["X-Api-Key": stage.skyfall.key]
    let path = Installation.verifyPath
    try await stage.service.http.send("POST", path, headers: headers, body: bytes)
      .refusal(415, "UNSUPPORTED_MEDIA_TYPE")
    try await stage.gameCall("POST", path, "nonsense").refusal(400, "BAD_REQUEST")
  }

  @Test("The body comes before the rule")
  func body() async throws {
    let stage = try Installation.shared
    try await stage.gameCall("PATCH", Installation.heartbeatPath, #"{"game_session_id":"gs_x"}"#)
      .refusal(400, "BAD_REQUEST")
  }

  @Test("Each listener has only its own paths")
  func listeners() async throws {
    let stage = try Installation.shared
    let service = stage.service
    try await service.http.send("GET", "/v1/admin/games").refusal(404, "NOT_FOUND")
    #expect(try await service.http.send("GET", "/metrics").status == 404)
    try await service.management.send("POST", Installation.verifyPath).refusal(404, "NOT_FOUND")
    try await service.management.send("POST", SignedStart.path).refusal(404, "NOT_FOUND")
  }

  @Test("An API key that is missing, unknown or not quite right is refused")
  func apiKey() async throws {
    let stage = try Installation.shared
    let key = stage.skyfall.key
    let wrong = ["", "x", key + "0", String(key.dropLast()), key.uppercased(), key + "," + key]
    for text in wrong where text != key {
      let forged = GameAccess(id: "skyfall", key: text)
      try await stage.beat("gs_x", forged).refusal(401, "INVALID_API_KEY")
    }
    try await stage.beat("gs_x").refusal(404, "SESSION_NOT_FOUND")
  }
}
