import Signatures
import Support
import Testing

/// The whole service under bodies that are nearly right, with a Redis, a billing worker and money.
@Suite(.timeLimit(.minutes(15)))
struct BodyFuzzTests {
  private static let settings = Installation.unlimitedHostSettings.merging([
    "PLAYMETER_RATE_LIMIT_PER_KEY": "off", "PLAYMETER_RATE_LIMIT_PER_CAFE": "off",
  ]) { $1 }
  /// After so many inputs most of what they name has ended.
  private static let inputsOfScene = 100

  /// What requests name; all of it is there, until one of them ends it.
  private struct Scene {
    let stage: Installation
    let play: Play
    /// One of its own, since those before it may be busy or drained.
    let host: String
    let reservation: String

    init(_ stage: Installation, _ cafe: Cafe, _ random: inout SeededRandom) async throws {
      self.stage = stage
      _ = try await cafe.resume()
      play = try await cafe.play(pc: "PC-\(random.number(1...5))")
      host = "pc-\(random.next())"
      try await stage.hostBeat(host, "\"status\":\"idle\",\"capacity\":64").hostSuccess()
      reservation = try await stage.findHost(in: "local").match().string("reservationId")
    }
  }

  private struct Request {
    let method: String
    let path: String
    let headers: [String: String]
    let body: HostileJSON
    var isAdmin = false
  }

  @Test("Bodies that are nearly right never make a fault of ours, and no money appears or is lost")
  func bodies() async throws {
    try await Installation.open(settings: Self.settings) { stage in
      try await stage.expectFlatMemory(megabytes: 64) {
        let cafe = try await stage.cafe()
        var scene: Scene?
        var inputs = 0
        try await Fuzzing("service")
          .run { random in
            if inputs.isMultiple(of: Self.inputsOfScene) {
              _ = try await stage.admin("DELETE", "/holds")
              scene = try await Scene(stage, cafe, &random)
            }
            inputs += 1
            guard let scene else { return }
            if random.once(in: 20) { stage.pass(seconds: random.number(1...30)) }
            let requests = Self.requests(scene, reference: random.next())
            try await Self.send(random.pick(requests), stage, &random)
          }
      }
      #expect(try await stage.service.http.send("GET", "/readyz").status == 200)
      for line in stage.service.logLines {
        #expect(try line.string("level") != "error", "\(line)")
      }
    }
  }

  private static func send(
    _ request: Request,
    _ stage: Installation,
    _ random: inout SeededRandom
  ) async throws {
    let body = request.body.body(&random)
    var headers = request.headers.merging(["Content-Type": "application/json"]) { own, _ in own }
    if request.path == SignedStart.path { sign(&headers, body, &random) }
    let http = request.isAdmin ? stage.service.management : stage.service.http
    let answer = try await http.send(request.method, request.path, headers: headers, body: body)
    let said =
      "\(request.method) \(request.path) \(String(decoding: body.prefix(500), as: UTF8.self))"
    guard answer.status < 500 else {
      throw SupportError("\(said): \(answer.status) \(answer.text)")
    }
    guard hasShape(answer, request.path) else { throw SupportError("\(said): \(answer.text)") }
  }

  private static func sign(
    _ headers: inout [String: String],
    _ body: [UInt8],
    _ random: inout SeededRandom
  ) {
    let nonce = "nonce-\(random.next())-0123456789"
    let lines = [
      "POST", SignedStart.path, headers["X-Timestamp"] ?? "", nonce,
      Hex.encode(Digest.sha256(body)),
    ]
    let secret = Hex.decode(headers.removeValue(forKey: "secret") ?? "") ?? []
    let message = Array(lines.joined(separator: "\n").utf8)
    headers["X-Nonce"] = nonce
    headers["X-Signature"] = Hex.encode(HMAC.sha256(key: secret, message: message))
  }

  /// The shape that the contract gives every answer.
  private static func hasShape(_ answer: HTTPSession.Answer, _ path: String) -> Bool {
    guard let document = try? answer.json else { return false }
    let isVersion1 = path.hasPrefix("/v1/")
    let isSuccess = try? document.boolean("success")
    switch answer.status {
    case 200: return isVersion1 ? isSuccess == true && document.has("data") : true
    case 404 where document.has("found"): return (try? document.boolean("found")) == false
    default:
      let message = try? document.string(isVersion1 ? "error.message" : "error")
      let hasCode = !isVersion1 || (try? document.string("error.code")) != nil
      return isSuccess == false && message?.isEmpty == false && hasCode
    }
  }
}

extension BodyFuzzTests {
  private static func requests(_ scene: Scene, reference: UInt64) -> [Request] {
    games(scene) + launchers(scene) + hosts(scene) + admin(scene, reference)
  }

  private static func games(_ scene: Scene) -> [Request] {
    let headers = ["X-Api-Key": scene.stage.skyfall.key]
    let session = "\"\(scene.play.id)\""
    let user = "\"\(Play.user)\""
    let ott = "\"00000000-0000-8000-8000-000000000000\""
    return [
      Request(
        method: "POST",
        path: Installation.verifyPath,
        headers: headers,
        body: HostileJSON(["ott": ott, "provider_user_id": user])
      ),
      Request(
        method: "PATCH",
        path: Installation.heartbeatPath,
        headers: headers,
        body: HostileJSON(["game_session_id": session, "provider_user_id": user])
      ),
      Request(
        method: "DELETE",
        path: Installation.endPath,
        headers: headers,
        body: HostileJSON(["game_session_id": session, "play_duration_sec": "5"])
      ),
    ]
  }

  private static func launchers(_ scene: Scene) -> [Request] {
    let launcher = scene.play.launcher
    let bearer = ["Authorization": "Bearer \(launcher.token)"]
    var start = launcher.cafe.signedStart().headers
    start["secret"] = Hex.encode(launcher.cafe.secret)
    let members: KeyValuePairs = [
      "pc_id": "\"PC-1\"", "internal_ip": "\"192.168.0.7\"", "boot_id": "\"b\"",
      "launcher_version": "\"1.0\"", "hardware": "{\"cpu\":\"fast\",\"memory_mb\":32768}",
    ]
    return [
      Request(method: "POST", path: SignedStart.path, headers: start, body: HostileJSON(members)),
      Request(
        method: "POST",
        path: "/v1/launcher/ott",
        headers: bearer,
        body: HostileJSON(["game_id": "\"skyfall\""])
      ),
      Request(
        method: "PATCH",
        path: "/v1/launcher/session/heartbeat",
        headers: bearer,
        body: HostileJSON([:])
      ),
    ]
  }

  private static func hosts(_ scene: Scene) -> [Request] {
    let secret = ["Authorization": "Bearer \(Installation.hostSecret)"]
    let beat: KeyValuePairs = [
      "hostId": "\"\(scene.host)\"", "roomId": "\"room\"", "region": "\"local\"",
      "status": "\"idle\"",
      "capacity": "64", "availableSlots": "9",
    ]
    let status: KeyValuePairs = ["hostId": "\"\(scene.host)\"", "status": "\"busy\""]
    let search: KeyValuePairs = ["region": "\"local\"", "fallback": "[\"local\"]"]
    let match = "/api/match/\(scene.reservation)/"
    return [
      Request(
        method: "POST",
        path: Installation.hostBeatPath,
        headers: secret,
        body: HostileJSON(beat)
      ),
      Request(method: "POST", path: "/api/host/status", headers: secret, body: HostileJSON(status)),
      Request(method: "POST", path: Installation.findPath, headers: [:], body: HostileJSON(search)),
      Request(method: "POST", path: match + "confirm", headers: [:], body: HostileJSON([:])),
      Request(method: "POST", path: match + "release", headers: [:], body: HostileJSON([:])),
    ]
  }

  /// The reference is one that nobody has used: a used one is refused before anything is booked.
  private static func admin(_ scene: Scene, _ reference: UInt64) -> [Request] {
    let ref = "\"i-\(reference)\""
    let cafe = "cafes/\(scene.play.launcher.cafe.id)"
    let bodies: [(String, String, KeyValuePairs<String, String>)] = [
      ("POST", cafe + "/topups", ["amount_mgcoin": "1000", "ref": ref]),
      (
        "POST", cafe + "/adjustments",
        ["amount_mgcoin": "-5", "ref": ref, "reason": "\"typo\""]
      ),
      (
        "POST", cafe + "/compensations",
        ["from": "0", "to": "4102444800000", "percent": "50", "ref": ref]
      ),
      ("POST", cafe + "/suspend", ["end_sessions": "false"]),
      ("POST", cafe + "/resume", [:]),
      ("POST", "cafes", ["cafe_id": "\"south\"", "name": "\"S\"", "networks": "[\"10.0.0.0/8\"]"]),
      ("PATCH", "games/tower", ["name": "\"T\"", "rate_mgcoin_per_hour": "60", "enabled": "true"]),
      ("POST", "holds", ["cafe_id": "\"south\"", "game_id": "\"tower\""]),
      ("POST", "hosts/\(scene.host)/drain", ["undo": "true"]),
    ]
    return bodies.map { method, path, members in
      Request(
        method: method,
        path: "/v1/admin/" + path,
        headers: ["Authorization": "Bearer \(Installation.adminToken)"],
        body: HostileJSON(members),
        isAdmin: true
      )
    }
  }
}
