import Foundation
import Signatures
import Support
import Testing

/// Who may start a launcher.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct SignatureTests {
  @Test("The published vector comes out")
  func vector() {
    let start = SignedStart(
      cafe: "any",
      secret: Array(0...31),
      timestamp: "1772798400",
      nonce: "nonce-0123456789",
      body: #"{"pc_id":"PC-07","internal_ip":"192.168.0.7"}"#
    )
    let digits = "cda584704e4dacbf9b7d9cf0ab53989ceb191ee3cc6884816961a4107373fb47"
    #expect(start.signature == digits)
  }

  @Test("A right signature starts a session, with a query in the path or without")
  func right() async throws {
    let stage = try Installation.shared
    let start = try await stage.cafe().signedStart()
    let data = try await stage.send(start, query: "?x=1").success()
    #expect(try data.string("launcher_session_id").hasPrefix("ls_"))
    #expect(try !data.string("session_token").isEmpty)
    #expect(try data.boolean("is_pc_cafe"))
    #expect(try data.integer("next_heartbeat_in") == 120)
    let games = try data.array("games")
    #expect(try games.map { try $0.string("game_id") } == ["skyfall", "tower"])
    #expect(try games[0].string("name") == "Skyfall")
    #expect(games[0].has("launch_url"))
  }

  @Test("A signature over anything else is refused")
  func wrong() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let stranger = try await stage.cafe()
    let right = cafe.signedStart()
    var forged = Array(repeating: right, count: 8)
    forged[0].forgedSignature = String(repeating: "0", count: 64)
    forged[1].forgedSignature = right.signature.uppercased()
    forged[2].forgedSignature = String(right.signature.dropLast())
    forged[3].forgedSignature = ""
    forged[4].secret = stranger.secret
    forged[5].cafe = stranger.id
    forged[6].forgedSignature = right.signature
    forged[6].body += " "
    forged[7].forgedSignature = right.signature
    forged[7].nonce += "x"
    for start in forged {
      try await stage.send(start).refusal(401, "INVALID_SIGNATURE")
    }
    // None of them used up the nonce.
    _ = try await stage.send(right).success()
  }

  @Test("An unknown cafe is refused like a wrong signature")
  func unknownCafe() async throws {
    let stage = try Installation.shared
    let right = try await stage.cafe().signedStart()
    for name in ["nobody", "", "NORTH", "a b", "*", String(repeating: "a", count: 65)] {
      var start = right
      start.cafe = name
      try await stage.send(start).refusal(401, "INVALID_SIGNATURE")
    }
  }

  @Test(
    "A timestamp may be 300 s off, to both sides, and not more",
    arguments: [(-295, true), (295, true), (-305, false), (305, false), (-86_400, false)]
  )
  func freshness(seconds: Int, isFresh: Bool) async throws {
    let stage = try Installation.shared
    var start = try await stage.cafe().signedStart()
    start.timestamp = String(Int(Date.now.timeIntervalSince1970) + seconds)
    let answer = try await stage.send(start)
    if isFresh {
      _ = try answer.success()
    } else {
      try answer.refusal(401, "INVALID_SIGNATURE")
    }
  }

  @Test("The timestamp is judged by the service's own clock, not by that of Redis")
  func clockOfRedis() async throws {
    let stage = try Installation.shared
    stage.pass(seconds: 4_000)
    _ = try await stage.send(try await stage.cafe().signedStart()).success()
  }

  @Test("A nonce counts once for each cafe")
  func replay() async throws {
    let stage = try Installation.shared
    let start = try await stage.cafe().signedStart()
    _ = try await stage.send(start).success()
    try await stage.send(start).refusal(401, "INVALID_SIGNATURE")
    var another = start
    another.body = #"{"pc_id":"PC-2","internal_ip":"192.168.0.8"}"#
    try await stage.send(another).refusal(401, "INVALID_SIGNATURE")
    var elsewhere = try await stage.cafe().signedStart()
    elsewhere.nonce = start.nonce
    _ = try await stage.send(elsewhere).success()
  }

  @Test("A start that is replayed does not disturb the launcher that runs")
  func replayHarmsNothing() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let start = cafe.signedStart()
    let token = try await stage.send(start).success().string("session_token")
    try await stage.send(start).refusal(401, "INVALID_SIGNATURE")
    _ = try await Launcher(cafe: cafe, id: "", token: token).heartbeat().success()
  }

  @Test(
    "A header that is missing or malformed is refused",
    arguments: [
      ("X-Cafe-Id", nil), ("X-Timestamp", nil), ("X-Nonce", nil), ("X-Signature", nil),
      ("X-Timestamp", ""), ("X-Timestamp", "now"), ("X-Timestamp", "1e9"),
      ("X-Timestamp", "-1"), ("X-Timestamp", "99999999999999999999"),
      ("X-Nonce", "short"), ("X-Nonce", "with a blank in it"), ("X-Nonce", "nonce/0123456789"),
      ("X-Nonce", String(repeating: "n", count: 65)),
    ]
  )
  func malformed(name: String, value: String?) async throws {
    let stage = try Installation.shared
    var start = try await stage.cafe().signedStart()
    if name == "X-Timestamp", let value { start.timestamp = value }
    if name == "X-Nonce", let value { start.nonce = value }
    var headers = start.headers
    headers[name] = value
    let http = stage.service.http
    let answer = try await http.send("POST", SignedStart.path, headers: headers, json: start.body)
    try answer.refusal(401, "INVALID_SIGNATURE")
  }

  @Test("Nonces of 16 and of 64 characters are taken")
  func nonceLength() async throws {
    let stage = try Installation.shared
    for length in [16, 64] {
      var start = try await stage.cafe().signedStart()
      start.nonce = String(repeating: "n", count: length)
      _ = try await stage.send(start).success()
    }
  }

  @Test(
    "A body that is signed but wrong is a bad request",
    arguments: [
      ("[]", nil), (#"{"internal_ip":"192.168.0.7"}"#, "pc_id"),
      (#"{"pc_id":"PC 1","internal_ip":"192.168.0.7"}"#, "pc_id"),
      (#"{"pc_id":7,"internal_ip":"192.168.0.7"}"#, "pc_id"),
      (#"{"pc_id":"PC-1"}"#, "internal_ip"),
      (#"{"pc_id":"PC-1","internal_ip":1}"#, "internal_ip"),
      (#"{"pc_id":"PC-1","internal_ip":"192.168.0.7","boot_id":1}"#, "boot_id"),
      (#"{"pc_id":"PC-1","internal_ip":"::1","launcher_version":[]}"#, "launcher_version"),
      (#"{"pc_id":"PC-1","internal_ip":"::1","hardware":"text"}"#, "hardware"),
    ]
  )
  func body(text: String, name: String?) async throws {
    let stage = try Installation.shared
    var start = try await stage.cafe().signedStart()
    start.body = text
    let message = try await stage.send(start).refusal(400, "BAD_REQUEST")
    #expect(message.contains(name ?? "object"))
  }

  @Test("What a launcher tells about its PC is taken, hardware up to 2 KiB")
  func evidence() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    for (count, status) in [(2_000, 200), (2_048, 400)] {
      var start = cafe.signedStart()
      let model = String(repeating: "m", count: count)
      start.body = """
        {"pc_id":"PC-1","internal_ip":"fd00::7","boot_id":"b-1","launcher_version":"1.2.3",\
        "hardware":{"model":"\(model)"}}
        """
      #expect(try await stage.send(start).status == status)
    }
  }
}
