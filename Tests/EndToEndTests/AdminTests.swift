import Support
import Testing

/// `/v1/admin`: the operator's commands over HTTP.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct AdminTests {
  @Test("Without the right token nothing is told")
  func token() async throws {
    let stage = try Installation.shared
    let token = Installation.adminToken
    let wrong = ["", "Bearer", "Bearer x", token, "Basic \(token)", "Bearer \(token)x"]
    let paths = ["/v1/admin/games", "/v1/admin/cafes/none", "/v1/admin/sessions/gs_x"]
    for (authorization, path) in wrong.flatMap({ text in paths.map { (text, $0) } }) {
      let headers = ["Authorization": authorization]
      try await stage.service.management.send("GET", path, headers: headers)
        .refusal(401, "INVALID_ADMIN_TOKEN")
    }
    _ = try await stage.admin("GET", "/games").success()
  }

  @Test("What is not there is 404, by its kind")
  func notFound() async throws {
    let stage = try Installation.shared
    let money = #"{"amount_mgcoin":1,"ref":"r"}"#
    let calls: [(String, String, String?, String)] = [
      ("GET", "/cafes/none", nil, "CAFE_NOT_FOUND"),
      ("GET", "/cafes/No%20Name", nil, "CAFE_NOT_FOUND"),
      ("POST", "/cafes/none/topups", money, "CAFE_NOT_FOUND"),
      ("POST", "/cafes/none/suspend", nil, "CAFE_NOT_FOUND"),
      ("POST", "/cafes/none/resume", nil, "CAFE_NOT_FOUND"),
      ("POST", "/cafes/none/rotate-secret", nil, "CAFE_NOT_FOUND"),
      ("GET", "/games/none", nil, "GAME_NOT_FOUND"),
      ("PATCH", "/games/none", #"{"name":"New"}"#, "GAME_NOT_FOUND"),
      ("POST", "/games/none/keys", nil, "GAME_NOT_FOUND"),
      ("GET", "/sessions/gs_x", nil, "SESSION_NOT_FOUND"),
      ("DELETE", "/sessions/gs_x", nil, "SESSION_NOT_FOUND"),
      ("GET", "/nothing", nil, "NOT_FOUND"),
    ]
    for (method, path, json, code) in calls {
      try await stage.admin(method, path, json).refusal(404, code)
    }
  }

  @Test("What contradicts what is there is a conflict")
  func conflict() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000)
    let play = try await cafe.play(stage.tower)
    _ = try await play.end().success()
    let calls = [
      ("POST", "/games", #"{"game_id":"tower","name":"X","rate_mgcoin_per_hour":60}"#),
      ("POST", "/cafes", #"{"cafe_id":"\#(cafe.id)","name":"X","networks":["10.0.0.0/8"]}"#),
      ("POST", "/cafes/\(cafe.id)/topups", #"{"amount_mgcoin":999,"ref":"first"}"#),
      (
        "POST", "/cafes/\(cafe.id)/adjustments",
        #"{"amount_mgcoin":-2000,"ref":"r","reason":"x"}"#
      ),
      ("DELETE", "/sessions/\(play.id)", nil),
    ]
    for (method, path, json) in calls {
      try await stage.admin(method, path, json).refusal(409, "CONFLICT")
    }
  }

  @Test("A wrong value is named")
  func badRequests() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let calls = [
      ("/games", #"{"game_id":"A","name":"X","rate_mgcoin_per_hour":60}"#, "game_id"),
      ("/games", #"{"game_id":"a","name":"","rate_mgcoin_per_hour":60}"#, "name"),
      ("/games", #"{"game_id":"a","name":"X","rate_mgcoin_per_hour":59}"#, "rate"),
      ("/games", #"{"game_id":"a","name":"X","rate_mgcoin_per_hour":100000001}"#, "rate"),
      ("/games", #"{"game_id":"a","name":"X","rate_mgcoin_per_hour":60.5}"#, "rate"),
      ("/cafes", #"{"cafe_id":"a","name":"X","networks":["10.0.0.1/8"]}"#, "networks"),
      ("/cafes", #"{"cafe_id":"a","name":"X","networks":[]}"#, "networks"),
      ("/cafes/\(cafe.id)/topups", #"{"amount_mgcoin":0,"ref":"r"}"#, "amount_mgcoin"),
      ("/cafes/\(cafe.id)/topups", #"{"amount_mgcoin":-5,"ref":"r"}"#, "amount_mgcoin"),
      ("/cafes/\(cafe.id)/topups", #"{"amount_mgcoin":5}"#, "ref"),
      ("/cafes/\(cafe.id)/adjustments", #"{"amount_mgcoin":5,"ref":"r"}"#, "reason"),
    ]
    for (path, json, name) in calls {
      let message = try await stage.admin("POST", path, json).refusal(400, "BAD_REQUEST")
      #expect(message.contains(name))
    }
  }

  @Test("A top-up over HTTP is the command line's, once for each reference")
  func topUp() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 0)
    let first = try await cafe.topUp(500, ref: "INV-1")
    #expect(try first.string("cafe_id") == cafe.id)
    #expect(try first.integer("balance_mgcoin") == 500)
    #expect(try first.boolean("applied"))
    #expect(try await cafe.topUp(500, ref: "INV-1").boolean("applied") == false)
    let command = ["cafe", "topup", "--id", cafe.id, "--amount", "0.5", "--ref", "INV-1", "--json"]
    let result = try await stage.command(command)
    #expect(try result.json.boolean("applied") == false)
    #expect(try await cafe.balance() == 500)
  }

  @Test("A list comes in pages that together are the whole, each row once")
  func cafePages() async throws {
    let stage = try Installation.shared
    var created: Set<String> = []
    for _ in 0..<7 { created.insert(try await stage.cafe(balance: 0).id) }
    var found: [String] = []
    var cursor = ""
    repeat {
      let page = try await stage.admin("GET", "/cafes?limit=3&cursor=\(cursor)").success()
      let rows = try page.array("cafes").map { try $0.string("cafe_id") }
      #expect((1...3).contains(rows.count))
      found += rows
      cursor = try page.isNull("next_cursor") ? "" : page.string("next_cursor")
    } while !cursor.isEmpty
    #expect(Set(found).count == found.count)
    #expect(created.isSubset(of: found))
  }

  @Test("So does the list of games")
  func gamePages() async throws {
    let stage = try Installation.shared
    var found: [String] = []
    var cursor = ""
    repeat {
      let page = try await stage.admin("GET", "/games?limit=1&cursor=\(cursor)").success()
      let rows = try page.array("games").map { try $0.string("game_id") }
      #expect(rows.count == 1)
      found += rows
      cursor = try page.isNull("next_cursor") ? "" : page.string("next_cursor")
    } while !cursor.isEmpty
    #expect(found.sorted() == ["skyfall", "tower"])
  }

  @Test("So does the list of sessions, live and ended")
  func sessionPages() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    var created: Set<String> = []
    for number in 1...6 {
      let play = try await cafe.play(pc: "PC-\(number)")
      if number % 2 == 0 { _ = try await play.end().success() }
      created.insert(play.id)
    }
    var found: [String] = []
    var cursor = ""
    repeat {
      let path = "/sessions?cafe=\(cafe.id)&limit=2&cursor=\(cursor)"
      let page = try await stage.admin("GET", path).success()
      found += try page.array("sessions").map { try $0.string("game_session_id") }
      cursor = try page.isNull("next_cursor") ? "" : page.string("next_cursor")
    } while !cursor.isEmpty
    #expect(found.count == 6)
    #expect(Set(found) == created)
  }

  @Test("A limit out of range is a bad request", arguments: ["0", "-1", "1001", "many"])
  func limit(text: String) async throws {
    let message = try await Installation.shared.admin("GET", "/cafes?limit=\(text)")
      .refusal(400, "BAD_REQUEST")
    #expect(message.contains("limit"))
  }
}

/// A service that was given no admin token.
@Suite(
  .serialized,
  .timeLimit(.minutes(15)),
  .installation(settings: ["PLAYMETER_ADMIN_TOKEN": ""])
)
struct NoAdminTokenTests {
  @Test("Without a token set, nobody administrates", arguments: ["Bearer ", "Bearer x", ""])
  func refused(authorization: String) async throws {
    let http = try Installation.shared.service.management
    let headers = ["Authorization": authorization]
    try await http.send("GET", "/v1/admin/games", headers: headers)
      .refusal(401, "INVALID_ADMIN_TOKEN")
  }
}
