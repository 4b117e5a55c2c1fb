import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The game API")
struct GameRoutesTests {
  private static let verifyBody = #"{"ott":"\#(Sample.token)","provider_user_id":"1234567"}"#
  private static let heartbeatBody =
    #"{"game_session_id":"\#(Sample.session)","provider_user_id":"1234567"}"#
  private static let endBody = #"{"game_session_id":"\#(Sample.session)"}"#

  private func verify(
    _ games: GameSessionsDouble = GameSessionsDouble(),
    fields: HTTPFields = Client.game,
    body: String = verifyBody
  ) async throws -> Answer {
    try await PublicAPI(games: games).client(fields)
      .send(.post, "/v1/game/session/verify", body: body)
  }

  private func heartbeat(
    _ outcome: HeartbeatOutcome,
    body: String = heartbeatBody
  ) async throws -> Answer {
    let games = GameSessionsDouble { $0.heartbeat = .success(outcome) }
    return try await PublicAPI(games: games).client(Client.game)
      .send(.patch, "/v1/game/session/heartbeat", body: body)
  }

  private func end(_ outcome: EndOutcome, body: String = endBody) async throws -> Answer {
    let games = GameSessionsDouble { $0.end = .success(outcome) }
    return try await PublicAPI(games: games).client(Client.game)
      .send(.delete, "/v1/game/session/end", body: body)
  }

  @Test("A verified token answers the session and when to report")
  func verified() async throws {
    let games = GameSessionsDouble { $0.verify = .success(.started(Sample.session)) }
    var fields = Client.game
    fields[.idempotencyKey] = "once"
    let answer = try await verify(games, fields: fields)
    #expect(answer.status == 200)
    #expect(answer.document["success"] == true)
    #expect(
      answer.data == [
        "is_valid": true, "game_session_id": .string("\(Sample.session)"),
        "is_pc_cafe": true, "next_heartbeat_in": 120,
      ]
    )
    let request = try #require(games.asked.requests.first)
    #expect(request.token == Sample.token)
    #expect(request.user.text == "1234567")
    #expect(request.game == Sample.game)
    #expect(request.idempotencyKey == "once")
  }

  @Test("A refused token is answered 200 with the reason", arguments: VerifyRefusal.allCases)
  func refused(reason: VerifyRefusal) async throws {
    let answer = try await verify(GameSessionsDouble { $0.verify = .success(.refused(reason)) })
    #expect(answer.status == 200)
    #expect(answer.data == ["is_valid": false, "reason": .string(reason.rawValue)])
  }

  @Test("Any string that is no token of ours is an expired one, and the store is not asked")
  func foreignToken() async throws {
    let games = GameSessionsDouble { $0.verify = .success(.started(Sample.session)) }
    for text in ["", "x", "0000000a-0000-4000-8000-000000000000"] {
      let body = #"{"ott":"\#(text)","provider_user_id":"1"}"#
      let answer = try await verify(games, body: body)
      #expect(answer.status == 200)
      #expect(answer.data == ["is_valid": false, "reason": "OTT_EXPIRED"])
    }
    #expect(games.asked.requests.isEmpty)
  }

  @Test(
    "A malformed body is a 400 that names the field",
    arguments: [
      (#"{"provider_user_id":"1"}"#, "ott must be a string"),
      (#"{"ott":null,"provider_user_id":"1"}"#, "ott must be a string"),
      (#"{"ott":1,"provider_user_id":"1"}"#, "ott must be a string"),
      (#"{"ott":"x"}"#, "provider_user_id must be a string"),
      (#"{"ott":"x","provider_user_id":1234567}"#, "provider_user_id must be a string"),
      (#"{"ott":"x","provider_user_id":"a b"}"#, "provider_user_id must be 1 to 64"),
      (#"{"ott":"x","provider_user_id":""}"#, "provider_user_id must be 1 to 64"),
      ("[]", "The body must be a JSON object"),
      ("", "The body is no valid JSON: the text ends too early (byte 0)"),
      ("{", "The body is no valid JSON"),
    ]
  )
  func malformed(body: String, message: String) async throws {
    let answer = try await verify(body: body)
    #expect(answer.status == 400)
    #expect(answer.code == "BAD_REQUEST")
    #expect(answer.message?.hasPrefix(message) == true, "\(answer.message ?? "-")")
  }

  @Test(
    "An idempotency key has 1 to 128 printable characters",
    arguments: [
      ("a", true), (String(repeating: "a", count: 128), true), ("", false),
      (String(repeating: "a", count: 129), false), ("a\tb", false),
    ]
  )
  func idempotencyKey(key: String, isAccepted: Bool) async throws {
    var fields = Client.game
    fields[.idempotencyKey] = key
    let answer = try await verify(fields: fields)
    #expect(answer.status == (isAccepted ? 200 : 400))
    if !isAccepted { #expect(answer.message?.hasPrefix("Idempotency-Key must be") == true) }
  }

  @Test("A key that is missing or unknown is 401")
  func apiKey() async throws {
    for key in [nil, "", "another key", Sample.apiKey + " x"] {
      var fields = Client.json
      fields[.apiKey] = key
      let answer = try await verify(fields: fields)
      #expect(answer.status == 401)
      #expect(answer.code == "INVALID_API_KEY")
    }
  }

  @Test("A running session's heartbeat tells play time and what is left")
  func alive() async throws {
    let pulse = Pulse(playSeconds: 77, remainingSeconds: 900, graceSeconds: nil)
    #expect(
      try await heartbeat(.alive(pulse)).data == [
        "result": "OK", "next_heartbeat_in": 120, "play_duration_sec": 77, "remaining_sec": 900,
      ]
    )
    let free = Pulse(playSeconds: 0, remainingSeconds: nil, graceSeconds: nil)
    #expect(try await heartbeat(.alive(free)).data?["remaining_sec"] == .null)
  }

  @Test(
    "In grace the next heartbeat comes before its end",
    arguments: [(120, 120), (45, 45), (0, 1)]
  )
  func grace(left: Int64, next: Int64) async throws {
    let pulse = Pulse(playSeconds: 77, remainingSeconds: 3, graceSeconds: left)
    #expect(
      try await heartbeat(.alive(pulse)).data == [
        "result": "CHARGE_EXHAUSTED", "next_heartbeat_in": .integer(next),
        "play_duration_sec": 77, "remaining_sec": 0, "grace_remaining_sec": .integer(left),
      ]
    )
  }

  @Test("A replaced session is told to stop")
  func replaced() async throws {
    #expect(
      try await heartbeat(.replaced(playSeconds: 9)).data == [
        "result": "SESSION_REPLACED", "next_heartbeat_in": 0,
        "play_duration_sec": 9, "remaining_sec": 0,
      ]
    )
  }

  @Test(
    "A heartbeat that comes too late is refused",
    arguments: [
      (HeartbeatOutcome.ending, 410, "SESSION_ENDING"),
      (.ended, 410, "SESSION_ENDED"),
      (.notFound, 404, "SESSION_NOT_FOUND"),
    ]
  )
  func late(outcome: HeartbeatOutcome, status: Int, code: String) async throws {
    let answer = try await heartbeat(outcome)
    #expect(answer.status == status)
    #expect(answer.code == code)
  }

  @Test(
    "A session that is no string is 400, any string that is no session of ours 404",
    arguments: [
      ("1", 400), ("null", 400), ("{}", 400), (#""gs_1""#, 404), (#""""#, 404),
      (#""\#(Sample.session.description.dropFirst(GameSessionID.prefix.count))""#, 404),
      (#""\#(Sample.session.description.uppercased())""#, 404),
    ]
  )
  func foreignSession(value: String, status: Int) async throws {
    let body = #"{"game_session_id":\#(value),"provider_user_id":"1"}"#
    let pulse = Pulse(playSeconds: 1, remainingSeconds: 1, graceSeconds: nil)
    let beat = try await heartbeat(.alive(pulse), body: body)
    let ending = try await end(.ended(playSeconds: 1), body: body)
    for answer in [beat, ending] {
      #expect(answer.status == status)
      #expect(answer.code == (status == 400 ? "BAD_REQUEST" : "SESSION_NOT_FOUND"))
    }
  }

  @Test("An end answers the final play time and the client's own count")
  func ended() async throws {
    #expect(
      try await end(.ended(playSeconds: 61)).data == [
        "result": "SUCCESS", "play_duration_sec": 61, "client_play_duration_sec": nil,
      ]
    )
    let body = #"{"game_session_id":"\#(Sample.session)","play_duration_sec":60}"#
    #expect(
      try await end(.ended(playSeconds: 61), body: body).data?["client_play_duration_sec"] == 60
    )
  }

  @Test("An end hands on the request's identifier, so that a repeat gets the same answer")
  func endRequestID() async throws {
    let games = GameSessionsDouble { $0.end = .success(.ended(playSeconds: 1)) }
    var fields = Client.game
    fields[.requestID] = "mine-1"
    let client = PublicAPI(games: games).client(fields)
    _ = try await client.send(.delete, "/v1/game/session/end", body: Self.endBody)
    #expect(games.asked.requestIDs == ["mine-1"])
  }

  @Test("The client's own count is a whole number that is not negative")
  func clientCount() async throws {
    for count in ["-1", "1.5", "\"1\"", "true", "1e3"] {
      let body = #"{"game_session_id":"\#(Sample.session)","play_duration_sec":\#(count)}"#
      let answer = try await end(.ended(playSeconds: 1), body: body)
      #expect(answer.status == 400)
      #expect(answer.message?.hasPrefix("play_duration_sec must be") == true)
    }
  }

  @Test("An end that comes too late is refused")
  func lateEnd() async throws {
    let already = try await end(.alreadyEnded)
    #expect((already.status, already.code) == (409, "ALREADY_ENDED"))
    let missing = try await end(.notFound)
    #expect((missing.status, missing.code) == (404, "SESSION_NOT_FOUND"))
  }
}
