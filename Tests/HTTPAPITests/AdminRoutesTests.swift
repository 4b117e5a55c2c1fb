import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The admin API")
struct AdminRoutesTests {
  private static let fields: HTTPFields = [
    .contentType: "application/json", .authorization: "Bearer admin-token",
  ]

  private func client(
    _ administration: AdministrationDouble = AdministrationDouble(),
    tokens: [String] = ["admin-token"]
  ) -> Client {
    let api = ManagementAPI(
      administration: administration,
      accounting: AccountingDouble(),
      hosts: HostsDouble(),
      readiness: ReadinessDouble(),
      adminTokens: tokens,
      listener: .loopback()
    )
    return Client(responder: api.responder, fields: Self.fields)
  }

  @Test(
    "Every operation is handed on",
    arguments: [
      (.get, "games", "", "listGames"),
      (
        .post, "games", #"{"game_id":"sea","name":"Sea","rate_mgcoin_per_hour":60}"#,
        "createGame sea Sea 60"
      ),
      (.get, "games/river", "", "listGames"),
      (.patch, "games/river", #"{"enabled":false}"#, "updateGame river false"),
      (.post, "games/river/keys", "", "rotateKey river"),
      (.delete, "games/river/keys/k1", "", "revokeKey k1 river"),
      (.get, "cafes", "", "listCafes - 100"),
      (.get, "cafes?cursor=a%20b&limit=7", "", "listCafes a b 7"),
      (
        .post, "cafes", #"{"cafe_id":"south","name":"South","networks":["10.0.0.0/8","::1"]}"#,
        #"createCafe south ["10.0.0.0/8", "::1"]"#
      ),
      (.get, "cafes/north", "", "cafe north"),
      (.post, "cafes/north/topups", #"{"amount_mgcoin":5,"ref":"i-1"}"#, "book 5 i-1 north"),
      (
        .post, "cafes/north/adjustments", #"{"amount_mgcoin":-5,"ref":"i-2","reason":"typo"}"#,
        "book -5 i-2 north"
      ),
      (.post, "cafes/north/suspend", "", "suspend north false"),
      (.post, "cafes/north/suspend", #"{"end_sessions":true}"#, "suspend north true"),
      (.post, "cafes/north/resume", "", "resume north"),
      (.post, "cafes/north/rotate-secret", "", "rotateSecret north false"),
      (
        .post, "cafes/north/rotate-secret", #"{"revoke_previous":true}"#,
        "rotateSecret north true"
      ),
      (.get, "sessions", "", "listSessions - - - 100"),
      (
        .get, "sessions?cafe=north&from=1000&to=1970-01-01T00:00:02Z&limit=5", "",
        "listSessions north 1000 2000 5"
      ),
      (.get, "sessions/\(Sample.session)", "", "session \(Sample.session)"),
      (
        .post, "cafes/north/compensations",
        #"{"from":1000,"to":"1970-01-01T00:00:02Z","percent":50,"ref":"l-1"}"#,
        "compensate 1000 2000 50 l-1 north"
      ),
      (.get, "holds", "", "listHolds"),
      (.post, "holds", "", "hold true - -"),
      (.post, "holds", #"{"cafe_id":"north","game_id":"river"}"#, "hold true north river"),
      (.delete, "holds?game=river", "", "hold false - river"),
      (.delete, "sessions/\(Sample.session)", "", "endSession \(Sample.session)"),
    ] as [(HTTPRequest.Method, String, String, String)]
  )
  func operations(
    method: HTTPRequest.Method,
    path: String,
    body: String,
    command: String
  ) async throws {
    let administration = AdministrationDouble()
    let answer = try await client(administration).send(method, "/v1/admin/" + path, body: body)
    #expect(answer.status == 200, "\(answer.message ?? "")")
    #expect(answer.document["success"] == true)
    #expect(administration.commands == [command])
  }

  @Test("Whoever has not the token is refused before anything is looked at")
  func token() async throws {
    let administration = AdministrationDouble()
    for authorization in [nil, "", "Bearer", "Bearer wrong", "Bearer admin-token1", "admin-token"] {
      var fields = Self.fields
      fields[.authorization] = authorization
      fields[.contentType] = nil
      let answer = try await client(administration)
        .send(.post, "/v1/admin/games", fields: fields, body: "{")
      #expect((answer.status, answer.code) == (401, "INVALID_ADMIN_TOKEN"))
    }
    let unset = try await client(administration, tokens: []).send(.get, "/v1/admin/games")
    #expect(unset.code == "INVALID_ADMIN_TOKEN")
    #expect(administration.commands.isEmpty)
  }

  @Test("While the token is replaced both open the door, and a part of one does not")
  func rotation() async throws {
    for token in ["new-token", "old", "new-token-of-another-length"] {
      var fields = Self.fields
      fields[.authorization] = "Bearer " + token
      let answer = try await client(tokens: ["new-token", "old"])
        .send(.get, "/v1/admin/games", fields: fields)
      #expect(answer.status == (token == "new-token" || token == "old" ? 200 : 401))
    }
  }

  @Test(
    "What makes no sense is a 400 that names the field",
    arguments: [
      (.post, "games", #"{"game_id":"A","name":"x","rate_mgcoin_per_hour":60}"#, "game_id"),
      (.post, "games", #"{"game_id":"a","name":"","rate_mgcoin_per_hour":60}"#, "name"),
      (.post, "games", #"{"game_id":"a","name":"x\n","rate_mgcoin_per_hour":60}"#, "name"),
      (
        .post, "games", #"{"game_id":"a","name":"x","rate_mgcoin_per_hour":59}"#,
        "rate_mgcoin_per_hour"
      ),
      (.patch, "games/a", #"{"enabled":"no"}"#, "enabled"),
      (.patch, "games/a", "{}", "name, rate_mgcoin_per_hour"),
      (.post, "cafes", #"{"cafe_id":"a","name":"x","networks":[]}"#, "networks"),
      (.post, "cafes", #"{"cafe_id":"a","name":"x","networks":["10.0.0.1/8"]}"#, "networks"),
      (.post, "cafes", #"{"cafe_id":"a","name":"x","networks":[1]}"#, "networks"),
      (.post, "cafes/a/topups", #"{"amount_mgcoin":0,"ref":"r"}"#, "amount_mgcoin"),
      (.post, "cafes/a/topups", #"{"amount_mgcoin":1.5,"ref":"r"}"#, "amount_mgcoin"),
      (.post, "cafes/a/topups", #"{"amount_mgcoin":1000000000001,"ref":"r"}"#, "amount_mgcoin"),
      (.post, "cafes/a/topups", #"{"amount_mgcoin":1,"ref":" r"}"#, "ref"),
      (
        .post, "cafes/a/adjustments", #"{"amount_mgcoin":0,"ref":"r","reason":"x"}"#,
        "amount_mgcoin"
      ),
      (.post, "cafes/a/adjustments", #"{"amount_mgcoin":1,"ref":"r"}"#, "reason"),
      (.post, "cafes/a/suspend", #"{"end_sessions":1}"#, "end_sessions"),
      (.post, "cafes/a/compensations", #"{"from":"x","to":2,"percent":5,"ref":"r"}"#, "from"),
      (.post, "cafes/a/compensations", #"{"from":2,"to":2,"percent":5,"ref":"r"}"#, "to"),
      (.post, "cafes/a/compensations", #"{"from":1,"to":2,"percent":0,"ref":"r"}"#, "percent"),
      (.post, "cafes/a/compensations", #"{"from":1,"to":2,"percent":101,"ref":"r"}"#, "percent"),
      (.post, "holds", #"{"cafe_id":"A"}"#, "cafe_id"),
      (.delete, "holds?game=A", "", "game"),
      (.get, "cafes?limit=0", "", "limit"),
      (.get, "cafes?limit=1001", "", "limit"),
      (.get, "sessions?cafe=A", "", "cafe"),
      (.get, "sessions?from=yesterday", "", "from"),
    ] as [(HTTPRequest.Method, String, String, String)]
  )
  func malformed(
    method: HTTPRequest.Method,
    path: String,
    body: String,
    field: String
  ) async throws {
    let administration = AdministrationDouble()
    let answer = try await client(administration).send(method, "/v1/admin/" + path, body: body)
    #expect((answer.status, answer.code) == (400, "BAD_REQUEST"))
    #expect(answer.message?.hasPrefix(field) == true, "\(answer.message ?? "-")")
    #expect(administration.commands.isEmpty)
  }

  @Test(
    "A refusal has its code",
    arguments: [
      (AdministrationError.cafeNotFound(Sample.name("north")), 404, "CAFE_NOT_FOUND"),
      (.gameNotFound(Sample.name("river")), 404, "GAME_NOT_FOUND"),
      (.sessionNotFound("x"), 404, "SESSION_NOT_FOUND"),
      (.conflict("It is taken."), 409, "CONFLICT"),
      (.fault(.unavailable("x")), 503, "UNAVAILABLE"),
      (.fault(.broken("x")), 500, "INTERNAL_ERROR"),
    ]
  )
  func refused(refusal: AdministrationError, status: Int, code: String) async throws {
    let administration = AdministrationDouble(refusal: refusal)
    let answer = try await client(administration).send(.get, "/v1/admin/cafes/north")
    #expect((answer.status, answer.code) == (status, code))
  }

  @Test("A path with an impossible identifier is not found")
  func impossibleIdentifier() async throws {
    #expect(try await client().send(.get, "/v1/admin/cafes/NORTH").code == "CAFE_NOT_FOUND")
    #expect(try await client().send(.get, "/v1/admin/games/NORTH").code == "GAME_NOT_FOUND")
    #expect(try await client().send(.get, "/v1/admin/games/sea").code == "GAME_NOT_FOUND")
    #expect(try await client().send(.get, "/v1/admin/cafes/").code == "NOT_FOUND")
  }

  @Test("A wrong method on a path with a parameter is 405 with the sorted methods")
  func allow() async throws {
    let answer = try await client().send(.put, "/v1/admin/games/river")
    #expect((answer.status, answer.fields[.allow]) == (405, "GET, HEAD, PATCH"))
  }

  @Test("The admin API is not on the public listener, nor the game API on the other")
  func separation() async throws {
    let client = PublicAPI().client(Self.fields)
    #expect(try await client.send(.get, "/v1/admin/games").code == "NOT_FOUND")
    #expect(try await self.client().send(.post, "/v1/game/session/verify").code == "NOT_FOUND")
  }

  @Test("Reports have the published names in the published order")
  func reports() async throws {
    let cafe = try await client().send(.get, "/v1/admin/cafes/north").data
    #expect(
      cafe?.text == #"{"cafe_id":"north","name":"North","networks":["203.0.113.0/24"],"#
        + #""status":"active","balance_mgcoin":500,"live_sessions":1,"#
        + #""spending_mgcoin_per_hour":1200}"#
    )
    let game = try await client().send(.get, "/v1/admin/games/river").data
    #expect(
      game?.text == #"{"game_id":"river","name":"River","rate_mgcoin_per_hour":1200,"#
        + #""launch_url":null,"enabled":true,"keys":[{"key_id":"key-1","created_at":1000}]}"#
    )
    let session = try await client().send(.get, "/v1/admin/sessions/\(Sample.session)").data
    #expect(
      session?.text == #"{"game_session_id":"\#(Sample.session)","cafe_id":"north","#
        + #""pc_id":"PC-07","game_id":"river","provider_user_id":"1234567","#
        + #""external_ip":"203.0.113.9","#
        + #""launcher_session_id":"\#(Sample.sessionReport.launcher)","#
        + #""rate_mgcoin_per_hour":1200,"state":"running","started_at":1000,"#
        + #""first_heartbeat_at":null,"last_heartbeat_at":2000,"#
        + #""ended_at":null,"end_reason":null,"play_duration_sec":1,"#
        + #""billable_sec":1,"unbilled_grace_sec":0,"held_sec":0,"charged_mgcoin":0,"#
        + #""ledger":[{"partition":5,"seq":1,"id":"1000-0","at":1000,"kind":"start"}]}"#
    )
    let page = try await client().send(.get, "/v1/admin/cafes").data
    #expect(page?["cafes"]?[0] == cafe)
    #expect(page?["next_cursor"] == "next")
  }

  @Test("What is shown once has its names")
  func secrets() async throws {
    let key = try await client().send(.post, "/v1/admin/games/river/keys").data
    #expect(key?.text == #"{"game_id":"river","key_id":"key-2","api_key":"shown once"}"#)
    let secret = try await client().send(.post, "/v1/admin/cafes/north/rotate-secret").data
    let digits = (0..<32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(secret?.text == #"{"cafe_id":"north","launcher_secret":"\#(digits)"}"#)
    let body = #"{"amount_mgcoin":5,"ref":"i-1"}"#
    let booking = try await client().send(.post, "/v1/admin/cafes/north/topups", body: body).data
    #expect(booking?.text == #"{"cafe_id":"north","balance_mgcoin":700,"applied":true}"#)
  }
}
