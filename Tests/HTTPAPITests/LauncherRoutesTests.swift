import Domain
import HTTPTypes
import JSON
import Signatures
import Testing

@testable import HTTPAPI

@Suite("A launcher with its token")
struct LauncherRoutesTests {
  private static let cafe: CafeID = Sample.name("north")
  private static let tokens = SessionTokens(masterKeys: [Sample.masterKey], partitionCount: 64)
  private static let fields: HTTPFields = [
    .contentType: "application/json",
    .authorization: "Bearer " + tokens.token(for: Sample.launcher, of: cafe),
  ]

  private func ott(_ outcome: TokenOutcome, body: String) async throws -> Answer {
    let launchers = LauncherSessionsDouble { $0.token = .success(outcome) }
    return try await PublicAPI(launchers: launchers).client(Self.fields)
      .send(.post, "/v1/launcher/ott", body: body)
  }

  @Test("A token for a game is issued with its time to live")
  func issued() async throws {
    let answer = try await ott(.issued(Sample.token), body: #"{"game_id":"river"}"#)
    #expect(answer.data == ["ott": .string("\(Sample.token)"), "expires_in": 60])
  }

  @Test(
    "A token is refused with its code",
    arguments: [
      (TokenOutcome.notChargeable, #"{"game_id":"river"}"#, 409, "NOT_CHARGEABLE"),
      (.launcherGone, #"{"game_id":"river"}"#, 401, "INVALID_SESSION_TOKEN"),
      (.issued(Sample.token), #"{"game_id":"sea"}"#, 404, "GAME_NOT_FOUND"),
      (.issued(Sample.token), #"{"game_id":"No Game"}"#, 404, "GAME_NOT_FOUND"),
      (.issued(Sample.token), #"{"game_id":"old-river"}"#, 404, "GAME_NOT_FOUND"),
      (.issued(Sample.token), #"{"game_id":1}"#, 400, "BAD_REQUEST"),
    ]
  )
  func refused(outcome: TokenOutcome, body: String, status: Int, code: String) async throws {
    let answer = try await ott(outcome, body: body)
    #expect((answer.status, answer.code) == (status, code))
  }

  @Test("A heartbeat needs no body and tells of the game that is played")
  func heartbeat() async throws {
    let pulse = Pulse(playSeconds: 5, remainingSeconds: 9, graceSeconds: 30)
    let played = LauncherPulse.PlayedSession(
      id: Sample.session,
      game: Sample.game.id,
      pulse: pulse
    )
    let launchers = LauncherSessionsDouble { $0.pulse = .success(.init(gameSession: played)) }
    var fields = Self.fields
    fields[.contentType] = nil
    let answer = try await PublicAPI(launchers: launchers).client(fields)
      .send(.patch, "/v1/launcher/session/heartbeat")
    #expect(
      answer.data == [
        "result": "OK", "next_heartbeat_in": 120,
        "game_session": [
          "game_session_id": .string("\(Sample.session)"), "game_id": "river",
          "result": "CHARGE_EXHAUSTED", "play_duration_sec": 5, "remaining_sec": 0,
        ],
      ]
    )
  }

  @Test("Without a game the heartbeat says null, and a body must be JSON")
  func idleHeartbeat() async throws {
    let launchers = LauncherSessionsDouble { $0.pulse = .success(.init(gameSession: nil)) }
    let client = PublicAPI(launchers: launchers).client(Self.fields)
    let path = "/v1/launcher/session/heartbeat"
    let answer = try await client.send(.patch, path, body: "{}")
    #expect(answer.data?["game_session"] == .null)
    #expect(try await client.send(.patch, path, body: "{").code == "BAD_REQUEST")
  }

  @Test("An end is answered once, then the token is worth nothing")
  func end() async throws {
    let path = "/v1/launcher/session/end"
    let live = LauncherSessionsDouble { $0.end = .success(true) }
    let ended = try await PublicAPI(launchers: live).client(Self.fields).send(.delete, path)
    #expect(ended.data == ["result": "SUCCESS"])
    let again = try await PublicAPI().client(Self.fields).send(.delete, path)
    #expect((again.status, again.code) == (401, "INVALID_SESSION_TOKEN"))
  }

  @Test(
    "A token that is not ours is 401 on every endpoint",
    arguments: [
      nil, "", "Bearer", "Bearer ", "Bearer x",
      "Basic " + tokens.token(for: Sample.launcher, of: cafe),
      "Bearer \(Sample.launcher)", "Bearer \(Sample.launcher).",
      "Bearer \(Sample.launcher)." + String(repeating: "0", count: 64),
      "Bearer " + tokens.token(for: Sample.launcher, of: cafe).uppercased(),
      "Bearer " + tokens.token(for: Sample.launcher, of: cafe) + ".1",
    ] as [String?]
  )
  func invalidToken(authorization: String?) async throws {
    let launchers = LauncherSessionsDouble {
      $0.pulse = .success(.init(gameSession: nil))
      $0.end = .success(true)
      $0.token = .success(.issued(Sample.token))
    }
    var fields = Self.fields
    fields[.authorization] = authorization
    let client = PublicAPI(launchers: launchers).client(fields)
    for (method, path) in [
      (HTTPRequest.Method.patch, "/v1/launcher/session/heartbeat"),
      (.delete, "/v1/launcher/session/end"), (.post, "/v1/launcher/ott"),
    ] {
      let answer = try await client.send(method, path, body: #"{"game_id":"river"}"#)
      #expect((answer.status, answer.code) == (401, "INVALID_SESSION_TOKEN"))
    }
  }

  @Test("After a rotation of the master key old tokens go on, new ones use the new key")
  func masterKeyRotation() {
    let newKey = [UInt8](repeating: 8, count: 32)
    let rotated = SessionTokens(masterKeys: [newKey, Sample.masterKey], partitionCount: 64)
    let newOnly = SessionTokens(masterKeys: [newKey], partitionCount: 64)
    let old = Self.tokens.token(for: Sample.launcher, of: Self.cafe)
    #expect(rotated.bearer(of: old)?.launcher == Sample.launcher)
    #expect(newOnly.bearer(of: old) == nil)
    let new = rotated.token(for: Sample.launcher, of: Self.cafe)
    #expect(newOnly.bearer(of: new)?.launcher == Sample.launcher)
  }

  @Test("The token of one launcher does not open another, nor does it count for another cafe")
  func otherLauncher() throws {
    let token = Self.tokens.token(for: Sample.launcher, of: Self.cafe)
    #expect(Self.tokens.bearer(of: token)?.cafe == Self.cafe)
    let signature = try #require(token.split(separator: ".").last)
    let other = LauncherSessionID.random(in: Partition(number: 5))
    #expect(Self.tokens.bearer(of: "\(other).north.\(signature)") == nil)
    #expect(Self.tokens.bearer(of: "\(Sample.launcher).south.\(signature)") == nil)
    #expect(Self.tokens.bearer(of: "\(Sample.launcher).\(signature)") == nil)
  }

  @Test("A token of the first version, which names no cafe, goes on")
  func firstVersion() {
    let key = HMAC.sha256(key: Sample.masterKey, message: Array("playmeter session token".utf8))
    let text = "\(Sample.launcher)"
    let signature = Hex.encode(HMAC.sha256(key: key, message: Array(text.utf8)))
    let bearer = Self.tokens.bearer(of: "\(text).\(signature)")
    #expect(bearer?.launcher == Sample.launcher)
    #expect(bearer?.cafe == nil)
  }
}
