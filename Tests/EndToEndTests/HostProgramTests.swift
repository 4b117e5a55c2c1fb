import Domain
import Foundation
import RedisStore
import Support
import Testing

/// The programs that speak this API already, byte by byte as they do.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation(settings: Installation.hostSettings))
struct HostProgramTests {
  /// A heartbeat of the C++ host: a connection of its own, the content type twice, and always the
  /// same words.
  private func programBeat(_ stage: Installation, _ host: String) async throws {
    let body =
      #"{"availableSlots":1,"capacity":1,"hostId":"\#(host)","region":"local","#
      + #""roomId":"room-of-\#(host)","status":"idle"}"#
    let headers = [
      "Authorization: Bearer \(Installation.hostSecret)", "Content-Type: application/json",
      "Content-Type: application/json", "Content-Length: \(body.utf8.count)", "Connection: close",
    ]
    let request = RawRequest.text("POST", Installation.hostBeatPath, headers, body: body)
    let answer = try await RawHTTP.send(request, toPort: stage.service.publicPort)
    #expect(answer.status == 200)
    #expect(String(decoding: answer.body, as: UTF8.self) == #"{"success":true,"ttl":30}"#)
  }

  /// Hosts of the test before are dead.
  private func quietStage() throws -> Installation {
    let stage = try Installation.shared
    stage.pass(seconds: 31)
    return stage
  }

  @Test("A host that always says it is idle is matched once, and again when that has lapsed")
  func neverBusy() async throws {
    let stage = try quietStage()
    try await programBeat(stage, "cpp")
    let first = try await stage.findHost().match()
    #expect(try first.string("hostId") == "cpp")
    #expect(try first.string("roomId") == "room-of-cpp")
    for _ in 1...2 {
      try await stage.findHost().noMatch(404)
      stage.pass(seconds: 22)
      try await programBeat(stage, "cpp")
    }
    stage.pass(seconds: 11)
    try await stage.findHost().noMatch(404)
    stage.redis.clock.advance(by: .milliseconds(5_500))
    try await programBeat(stage, "cpp")
    let second = try await stage.findHost().match()
    #expect(try second.string("reservationId") != first.string("reservationId"))
    #expect(try await stage.settle(first, "confirm").status == 404)
    try await stage.settle(second, "confirm").hostSuccess()
  }

  @Test("A page's preflight is answered with what it asks for, and no body")
  func preflight() async throws {
    let headers = [
      "Origin: https://play.example", "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: content-type,x-request-id", "Connection: close",
    ]
    let request = RawRequest.text("OPTIONS", Installation.findPath, headers)
    let port = try Installation.shared.service.publicPort
    let answer = try await RawHTTP.send(request, toPort: port)
    #expect(answer.status == 204)
    #expect(answer.body.isEmpty)
    for (name, value) in [
      ("Access-Control-Allow-Origin", "*"), ("Access-Control-Max-Age", "86400"),
      ("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"),
      (
        "Access-Control-Allow-Headers",
        "Content-Type, Authorization, X-Request-Id, Idempotency-Key"
      ),
      ("Access-Control-Expose-Headers", "X-Request-Id, Retry-After"),
    ] {
      #expect(answer.header(name) == value)
    }
  }

  @Test("A page that posts {} gets what it needs: an address to open as it is, servers as they are")
  func page() async throws {
    let stage = try quietStage()
    try await programBeat(stage, "cpp")
    let headers = ["Origin": "https://play.example"]
    let match = try await stage.service.http
      .send("POST", Installation.findPath, headers: headers, json: "{}").match()
    let address = try "\(match.string("signalingUrl"))?roomId=\(match.string("roomId"))"
    #expect(address == "wss://signal.example/ws?roomId=room-of-cpp")
    #expect(URL(string: address)?.absoluteString == address)
    #expect(try match.array("iceServers").isEmpty)
    let now = try await RedisLiveState(link: stage.link).now()
    #expect(try match.integer("expiresAt") == Int(now.milliseconds) + 60_000)
  }

  @Test("Whatever the status, a page reads JSON with found and message")
  func everyStatus() async throws {
    let stage = try quietStage()
    let http = stage.service.http
    let path = Installation.findPath
    let large = "{\"x\":\"" + String(repeating: "x", count: 16_384) + "\"}"
    try await http.send("POST", path, json: "{}").noMatch(404)
    for body in ["{", "[]", "no JSON", #"{"region":"mars"}"#, #"{"fallback":7}"#, "null"] {
      let answer = try await http.send("POST", path, json: body)
      try answer.noMatch(400)
      #expect(try answer.json.string("error") == "Validation failed")
      #expect(try !answer.json.array("issues").isEmpty)
    }
    for method in ["GET", "PUT", "DELETE"] { try await http.send(method, path).noMatch(405) }
    try await http.send("POST", path, json: large).noMatch(413)
    try await http.send("POST", path, body: Array("{}".utf8)).noMatch(415)
    // A page that sends nothing at all is one that wants any host.
    try await http.send("POST", path).noMatch(404)
  }
}
