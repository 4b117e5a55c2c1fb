import Support
import Testing

/// The request id is on every response, whoever made it and whatever it says.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct RequestIDTests {
  /// One request for each way in which an answer comes about.
  private static let requests: [(String, String, Int)] = [
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/nothing", 404),
    ("GET", "/v1/nothing", 404),
    ("POST", "/healthz", 405),
    ("GET", Installation.verifyPath, 405),
    ("POST", Installation.verifyPath, 401),
    ("PATCH", "/v1/launcher/session/heartbeat", 401),
    ("POST", SignedStart.path, 401),
  ]

  @Test("A request's own id is kept on every kind of answer", arguments: requests)
  func kept(method: String, path: String, status: Int) async throws {
    let headers = ["X-Request-Id": "Az09_.-"]
    let answer = try await Installation.shared.service.http.send(method, path, headers: headers)
    #expect(answer.status == status)
    #expect(answer.header("X-Request-Id") == "Az09_.-")
    guard path.hasPrefix("/v1") else { return }
    #expect(try answer.json.string("request_id") == "Az09_.-")
  }

  @Test("An answer to a request without an id gets one of its own", arguments: requests)
  func generated(method: String, path: String, status: Int) async throws {
    let http = try Installation.shared.service.http
    let first = try #require(try await http.send(method, path).header("X-Request-Id"))
    let second = try #require(try await http.send(method, path).header("X-Request-Id"))
    for id in [first, second] {
      #expect(id.wholeMatch(of: /req_[A-Za-z0-9_.-]{16,124}/) != nil)
    }
    #expect(first != second)
  }

  @Test("The rest of the kinds keep it too: success, 400, 413 and 415")
  func keptWithBodies() async throws {
    let stage = try Installation.shared
    let headers = ["X-Api-Key": stage.skyfall.key, "X-Request-Id": "mine"]
    let bodies = [
      (#"{"ott":"00000000-0000-8000-8000-000000000000","provider_user_id":"1"}"#, true, 200),
      ("{", true, 400),
      (String(repeating: " ", count: 16_385), true, 413),
      ("{}", false, 415),
    ]
    for (text, isJSON, status) in bodies {
      let type = ["Content-Type": isJSON ? "application/json" : "text/plain"]
      let answer = try await stage.service.http.send(
        "POST",
        Installation.verifyPath,
        headers: headers.merging(type) { own, _ in own },
        body: Array(text.utf8)
      )
      #expect(answer.status == status)
      #expect(answer.header("X-Request-Id") == "mine")
      #expect(try answer.json.string("request_id") == "mine")
    }
  }

  @Test(
    "An id of another form is replaced",
    arguments: ["", "two words", "semi;colon", "ünï", String(repeating: "a", count: 129)]
  )
  func replaced(id: String) async throws {
    let port = try Installation.shared.service.publicPort
    let request = "GET /v1/x HTTP/1.1\r\nHost: x\r\nX-Request-Id: \(id)\r\n\r\n"
    let answer = try await RawHTTP.send(request, toPort: port)
    try answer.refusal(404, "NOT_FOUND")
    #expect(answer.header("X-Request-Id")?.hasPrefix("req_") == true)
  }

  @Test("An id of 128 characters is kept")
  func longest() async throws {
    let id = String(repeating: "a", count: 128)
    let http = try Installation.shared.service.http
    let answer = try await http.send("GET", "/healthz", headers: ["X-Request-Id": id])
    #expect(answer.header("X-Request-Id") == id)
  }

  @Test("Even what is no HTTP gets an answer with an id")
  func noHTTP() async throws {
    let port = try Installation.shared.service.publicPort
    let answer = try await RawHTTP.send("no such protocol\r\n\r\n", toPort: port)
    #expect(answer.status == 400)
    #expect(answer.header("X-Request-Id")?.hasPrefix("req_") == true)
  }

  @Test("The management listener keeps and makes ids likewise")
  func management() async throws {
    let http = try Installation.shared.service.management
    for (path, status) in [("/healthz", 200), ("/v1/admin/games", 401), ("/v1/nothing", 404)] {
      let kept = try await http.send("GET", path, headers: ["X-Request-Id": "mine"])
      #expect(kept.status == status)
      #expect(kept.header("X-Request-Id") == "mine")
      #expect(try await http.send("GET", path).header("X-Request-Id")?.hasPrefix("req_") == true)
    }
  }
}
