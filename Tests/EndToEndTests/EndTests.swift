import Support
import Testing

/// The end that the game server asks for.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct EndTests {
  @Test("The end tells the final duration and repeats the client's own count")
  func success() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let counts: [(String?, JSONView)] = [
      (nil, .null), ("null", .null), ("0", .integer(0)), ("97", .integer(97)),
      ("9223372036854775807", .integer(.max)),
    ]
    for (index, (count, echo)) in counts.enumerated() {
      let play = try await cafe.play(pc: "PC-\(index)")
      stage.pass(seconds: 100)
      let data = try await play.end(seconds: count).success()
      #expect(try data.string("result") == "SUCCESS")
      #expect(try data.integer("play_duration_sec") == 100)
      #expect(try data.value("client_play_duration_sec") == echo)
      try await play.end(seconds: count).refusal(409, "ALREADY_ENDED")
    }
  }

  @Test("A count below zero is a bad request and ends nothing")
  func negative() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    let message = try await play.end(seconds: "-1").refusal(400, "BAD_REQUEST")
    #expect(message.contains("play_duration_sec"))
    #expect(try await play.beat().success().string("result") == "OK")
  }

  @Test("The server's own count is what is charged")
  func settlement() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(balance: 1_000_000)
    let play = try await cafe.play()
    stage.pass(seconds: 90)
    _ = try await play.end(seconds: "1").success()
    // 230,000 an hour for 90 s.
    #expect(try await play.report().integer("charged_mgcoin") == 5_750)
    #expect(try await cafe.balance() == 1_000_000 - 5_750)
    #expect(try await cafe.report().integer("live_sessions") == 0)
    #expect(try await cafe.report().integer("spending_mgcoin_per_hour") == 0)
  }

  @Test("An end in grace is billed to where the money ended")
  func inGrace() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe(balance: 1_000).play(stage.tower)
    stage.pass(seconds: 101)
    _ = try await play.beat().success()
    stage.pass(seconds: 19)
    #expect(try await play.end().success().integer("play_duration_sec") == 120)
    let report = try await play.report()
    #expect(try report.string("end_reason") == "normal")
    #expect(try report.integer("billable_sec") == 100)
    #expect(try report.integer("unbilled_grace_sec") == 20)
  }

  @Test("Of many concurrent ends one succeeds")
  func concurrent() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 60)
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<20 {
        group.addTask { try await play.end().status }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses.filter { $0 == 200 }.count == 1)
    #expect(statuses.filter { $0 == 409 }.count == 19)
  }

  @Test("A repeat with the same request id gets the first answer again")
  func repeated() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    let headers = ["X-Api-Key": stage.skyfall.key, "X-Request-Id": "end-\(play.id)"]
    let json = #"{"game_session_id":"\#(play.id)"}"#
    for _ in 0..<2 {
      let answer = try await stage.service.http.send(
        "DELETE",
        Installation.endPath,
        headers: headers,
        json: json
      )
      #expect(try answer.success().string("result") == "SUCCESS")
    }
    try await play.end().refusal(409, "ALREADY_ENDED")
  }
}
