import Domain
import HTTPTypes
import JSON
import Signatures
import Testing

@testable import HTTPAPI

@Suite("A launcher's start")
struct LauncherStartTests {
  static let path = "/v1/launcher/session/start"
  static let body = #"{"pc_id":"PC-07","internal_ip":"192.168.0.7"}"#
  /// The published vector for key bytes 00 to 1f.
  static let signature = "cda584704e4dacbf9b7d9cf0ab53989ceb191ee3cc6884816961a4107373fb47"

  static let fields: HTTPFields = [
    .contentType: "application/json", .cafeID: "north", .timestamp: "1772798400",
    .nonce: "nonce-0123456789", .signature: signature,
  ]

  private static func launchers(
    secrets: [[UInt8]] = [Sample.secret],
    _ outcome: LauncherStartOutcome = .started(Sample.launcher)
  ) -> LauncherSessionsDouble {
    let networks = [Network("203.0.113.0/24")!]
    return LauncherSessionsDouble {
      $0.access = .success(CafeAccess(launcherSecrets: secrets, networks: networks))
      $0.start = .success(outcome)
    }
  }

  private func start(
    _ launchers: LauncherSessionsDouble = launchers(),
    fields: HTTPFields = fields,
    body: String = body
  ) async throws -> Answer {
    try await PublicAPI(launchers: launchers).client(fields).send(.post, Self.path, body: body)
  }

  private static func signed(_ body: String, timestamp: String = "1772798400") -> HTTPFields {
    let digest = Hex.encode(Digest.sha256(Array(body.utf8)))
    let message = ["POST", path, timestamp, "nonce-0123456789", digest].joined(separator: "\n")
    var fields = fields
    fields[.timestamp] = timestamp
    fields[.signature] = Hex.encode(HMAC.sha256(key: Sample.secret, message: Array(message.utf8)))
    return fields
  }

  @Test("The published signature opens a session and lists the enabled games")
  func vector() async throws {
    let launchers = Self.launchers()
    let answer = try await start(launchers)
    #expect(answer.status == 200)
    let token = SessionTokens(masterKeys: [Sample.masterKey], partitionCount: 64)
      .token(for: Sample.launcher, of: Sample.name("north"))
    #expect(
      answer.data == [
        "launcher_session_id": .string("\(Sample.launcher)"), "session_token": .string(token),
        "is_pc_cafe": true, "next_heartbeat_in": 120,
        "games": [["game_id": "river", "name": "River", "launch_url": nil]],
      ]
    )
    let asked = try #require(launchers.asked.starts.first)
    #expect(asked.cafe.text == "north")
    #expect(asked.pc.text == "PC-07")
    #expect(asked.nonce == "nonce-0123456789")
    #expect(asked.externalAddress == IPAddress("203.0.113.9"))
    #expect(asked.isInsideCafe)
    #expect(asked.evidence.internalAddress == "192.168.0.7")
  }

  @Test("Both secrets of a rotation are accepted")
  func rotation() async throws {
    let other = [UInt8](repeating: 9, count: 32)
    #expect(try await start(Self.launchers(secrets: [other, Sample.secret])).status == 200)
    #expect(try await start(Self.launchers(secrets: [other])).status == 401)
  }

  @Test("An unknown cafe is refused exactly like a wrong signature")
  func unknownCafe() async throws {
    let unknown = try await start(LauncherSessionsDouble { $0.access = .success(nil) })
    let wrong = try await start(Self.launchers(secrets: [[UInt8](repeating: 1, count: 32)]))
    #expect(unknown.status == 401)
    #expect(unknown.code == "INVALID_SIGNATURE")
    #expect(
      (unknown.status, unknown.code, unknown.message)
        == (wrong.status, wrong.code, wrong.message)
    )
    // The secret that stands in for the missing one opens nothing.
    var fields = Self.fields
    let digest = Hex.encode(Digest.sha256(Array(Self.body.utf8)))
    let message = "POST\n\(Self.path)\n1772798400\nnonce-0123456789\n\(digest)"
    let zeros = [UInt8](repeating: 0, count: 32)
    fields[.signature] = Hex.encode(HMAC.sha256(key: zeros, message: Array(message.utf8)))
    let forged = try await start(
      LauncherSessionsDouble { $0.access = .success(nil) },
      fields: fields
    )
    #expect(forged.code == "INVALID_SIGNATURE")
  }

  @Test(
    "A header that is missing or malformed is an invalid signature",
    arguments: [
      (HTTPField.Name.cafeID, [nil, "", "North", "no such"]),
      (.timestamp, [nil, "", "-1", "1772798400.0", "+1772798400", "999999999999"]),
      (.nonce, [nil, "short", "nonce 0123456789", String(repeating: "n", count: 65)]),
      (
        .signature,
        [nil, "", signature.uppercased(), String(signature.dropLast()), signature + "0"]
      ),
    ] as [(HTTPField.Name, [String?])]
  )
  func malformedHeader(name: HTTPField.Name, values: [String?]) async throws {
    for value in values {
      var fields = Self.fields
      fields[name] = value
      let answer = try await start(fields: fields)
      #expect(answer.status == 401)
      #expect(answer.code == "INVALID_SIGNATURE")
    }
  }

  @Test("Whatever was signed cannot be changed")
  func tampered() async throws {
    #expect(try await start(body: Self.body + " ").code == "INVALID_SIGNATURE")
    var fields = Self.fields
    fields[.timestamp] = "1772798401"
    #expect(try await start(fields: fields).code == "INVALID_SIGNATURE")
    fields = Self.fields
    fields[.nonce] = "nonce-0123456780"
    #expect(try await start(fields: fields).code == "INVALID_SIGNATURE")
  }

  @Test("The query is not signed")
  func query() async throws {
    let client = PublicAPI(launchers: Self.launchers()).client(Self.fields)
    #expect(try await client.send(.post, Self.path + "?a=b", body: Self.body).status == 200)
  }

  @Test(
    "A timestamp may be 300 s off and not more",
    arguments: [(-301, 401), (-300, 200), (300, 200), (301, 401)]
  )
  func freshness(offset: Int64, status: Int) async throws {
    let fields = Self.signed(Self.body, timestamp: "\(1_772_798_400 + offset)")
    #expect(try await start(fields: fields).status == status)
  }

  @Test(
    "The rule's refusals have their codes",
    arguments: [
      (LauncherStartOutcome.replayed, 401, "INVALID_SIGNATURE"),
      (.outsideCafe, 403, "NOT_PC_CAFE"),
      (.suspended, 403, "CAFE_SUSPENDED"),
      (.tooManyPCs, 409, "CONFLICT"),
    ]
  )
  func refused(outcome: LauncherStartOutcome, status: Int, code: String) async throws {
    let answer = try await start(Self.launchers(outcome))
    #expect((answer.status, answer.code) == (status, code))
  }

  @Test(
    "A malformed body is a 400 that names the field",
    arguments: [
      (#"{"internal_ip":"192.168.0.7"}"#, "pc_id"),
      (#"{"pc_id":"a/b","internal_ip":"192.168.0.7"}"#, "pc_id"),
      (#"{"pc_id":"a","internal_ip":"192.168.0"}"#, "internal_ip"),
      (#"{"pc_id":"a","internal_ip":"::1","boot_id":""}"#, "boot_id"),
      (#"{"pc_id":"a","internal_ip":"::1","launcher_version":1}"#, "launcher_version"),
      (#"{"pc_id":"a","internal_ip":"::1","hardware":"x"}"#, "hardware"),
      (
        #"{"pc_id":"a","internal_ip":"::1","hardware":{"a":""#
          + String(repeating: "x", count: 2041) + #""}}"#,
        "hardware"
      ),
    ]
  )
  func malformedBody(body: String, field: String) async throws {
    let answer = try await start(fields: Self.signed(body), body: body)
    #expect((answer.status, answer.code) == (400, "BAD_REQUEST"))
    #expect(answer.message?.hasPrefix("\(field) must be") == true, "\(answer.message ?? "-")")
  }

  @Test("Evidence is kept as compact JSON of at most 2 KiB")
  func evidence() async throws {
    let filling = String(repeating: "x", count: 2040)
    let body =
      #"{"pc_id":"a","internal_ip":"::1","boot_id":"b","launcher_version":"1.2","#
      + #""hardware": { "a": "\#(filling)" }}"#
    let launchers = Self.launchers()
    #expect(try await start(launchers, fields: Self.signed(body), body: body).status == 200)
    let evidence = try #require(launchers.asked.starts.first?.evidence)
    #expect(evidence.bootID == "b")
    #expect(evidence.launcherVersion == "1.2")
    #expect(evidence.hardware == #"{"a":"\#(filling)"}"#)
    #expect(evidence.hardware?.utf8.count == 2048)
  }
}
