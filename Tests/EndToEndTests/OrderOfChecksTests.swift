import Support
import Testing

/// The order of checks: route and method, size, credentials, content type, body, rule.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
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

  @Test("A launcher's token that is over is refused before content type, body and rule")
  func endedToken() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    _ = try await launcher.end().success()
    let headers = ["Authorization": "Bearer \(launcher.token)"]
    let calls: [(String, String, String)] = [
      ("POST", "/ott", "nonsense"), ("POST", "/ott", "{}"),
      ("POST", "/ott", #"{"game_id":"nothing"}"#), ("PATCH", "/session/heartbeat", "["),
    ]
    for (method, path, json) in calls {
      let path = "/v1/launcher" + path
      try await stage.service.http.send(method, path, headers: headers, json: json)
        .refusal(401, "INVALID_SESSION_TOKEN")
      try await stage.service.http.send(method, path, headers: headers, body: Array(json.utf8))
        .refusal(401, "INVALID_SESSION_TOKEN")
    }
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
