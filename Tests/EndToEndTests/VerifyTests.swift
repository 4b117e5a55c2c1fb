import Support
import Testing

/// The rows of the verify table, in their order.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct VerifyTests {
  private func expect(
    _ answer: HTTPSession.Answer,
    _ reason: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let data = try answer.success(location)
    #expect(try data.boolean("is_valid") == false, sourceLocation: location)
    #expect(try data.string("reason") == reason, sourceLocation: location)
    #expect(!data.has("game_session_id"), sourceLocation: location)
  }

  private func session(_ answer: HTTPSession.Answer) throws -> String {
    try answer.success().string("game_session_id")
  }

  @Test("Success names the session and when to beat")
  func success() async throws {
    let stage = try Installation.shared
    let token = try await stage.cafe().startLauncher().ott()
    let data = try await stage.verify(token).success()
    #expect(try data.boolean("is_valid"))
    #expect(try data.boolean("is_pc_cafe"))
    #expect(try data.integer("next_heartbeat_in") == 120)
    let uuid = /gs_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
    #expect(try data.string("game_session_id").wholeMatch(of: uuid) != nil)
  }

  @Test("A token that was never issued is expired")
  func neverIssued() async throws {
    let stage = try Installation.shared
    for partition in ["0000", "0003", "ffff"] {
      let token = "\(partition)0000-0000-8000-8000-0123456789ab"
      try expect(try await stage.verify(token), "OTT_EXPIRED")
    }
    try expect(try await stage.verify("b0f5a3c2-6a1e-4c55-9f0e-0c7f4c1f9d11"), "OTT_EXPIRED")
  }

  @Test("A token lives for 60 s")
  func expiry() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    let used = try await launcher.ott()
    let late = try await launcher.ott()
    stage.pass(seconds: 59)
    _ = try session(try await stage.verify(used))
    stage.pass(seconds: 2)
    try expect(try await stage.verify(late), "OTT_EXPIRED")
  }

  @Test("A token of another game is a mismatch, used or not, and stays usable for its own")
  func gameMismatch() async throws {
    let stage = try Installation.shared
    let token = try await stage.cafe().startLauncher().ott()
    try expect(try await stage.verify(token, stage.tower), "GAME_MISMATCH")
    _ = try session(try await stage.verify(token))
    try expect(try await stage.verify(token, stage.tower), "GAME_MISMATCH")
  }

  @Test("A used token is remembered for ten minutes, also when its launcher is gone")
  func used() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    let token = try await launcher.ott()
    _ = try session(try await stage.verify(token))
    try expect(try await stage.verify(token), "OTT_ALREADY_USED")
    _ = try await launcher.end().success()
    stage.pass(seconds: 598)
    try expect(try await stage.verify(token), "OTT_ALREADY_USED")
    stage.pass(seconds: 3)
    try expect(try await stage.verify(token), "OTT_EXPIRED")
  }

  @Test("A token whose launcher session is gone is expired, before anything about money")
  func launcherGone() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let ended = try await cafe.startLauncher(pc: "PC-1")
    let restarted = try await cafe.startLauncher(pc: "PC-2")
    let tokens = [try await ended.ott(), try await restarted.ott()]
    _ = try await ended.end().success()
    _ = try await cafe.startLauncher(pc: "PC-2")
    try await cafe.suspend()
    for token in tokens {
      try expect(try await stage.verify(token), "OTT_EXPIRED")
    }
  }

  @Test("A suspended cafe is not chargeable; the token stays usable and the old session lives on")
  func suspended() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let old = try await cafe.play()
    let token = try await old.launcher.ott()
    try await cafe.suspend()
    try expect(try await stage.verify(token), "NOT_CHARGEABLE")
    #expect(try await old.beat().success().string("result") == "OK")
    try await cafe.resume()
    _ = try session(try await stage.verify(token))
    #expect(try await old.beat().success().string("result") == "SESSION_REPLACED")
  }

  @Test("A balance below one minute of all the play in the cafe is not chargeable")
  func balance() async throws {
    let stage = try Installation.shared
    // A minute of the tower costs 600, of two seats 1,200.
    let cafe = try await stage.cafe(balance: 1_200)
    let first = try await cafe.play(stage.tower, pc: "PC-1")
    let second = try await cafe.startLauncher(pc: "PC-2")
    let token = try await second.ott(stage.tower)
    let take = #"{"amount_mgcoin":-1,"ref":"take","reason":"a test"}"#
    _ = try await stage.admin("POST", "/cafes/\(cafe.id)/adjustments", take).success()
    try expect(try await stage.verify(token, stage.tower), "NOT_CHARGEABLE")
    _ = try await first.beat().success()
    // The session that it would replace is left out of the sum.
    _ = try session(try await stage.verify(try await first.launcher.ott(stage.tower), stage.tower))
    _ = try await cafe.topUp(1_000, ref: "give")
    _ = try session(try await stage.verify(token, stage.tower))
  }

  @Test("The same token, user and idempotency key get the first success again, nobody else")
  func idempotency() async throws {
    let stage = try Installation.shared
    let token = try await stage.cafe().startLauncher().ott()
    let key = String(repeating: "k", count: 128)
    let first = try session(try await stage.verify(token, idempotencyKey: key))
    #expect(try session(try await stage.verify(token, idempotencyKey: key)) == first)
    try expect(try await stage.verify(token, idempotencyKey: "other"), "OTT_ALREADY_USED")
    try expect(try await stage.verify(token), "OTT_ALREADY_USED")
    let stranger = try await stage.verify(token, user: "2002", idempotencyKey: key)
    try expect(stranger, "OTT_ALREADY_USED")
    stage.pass(seconds: 598)
    #expect(try session(try await stage.verify(token, idempotencyKey: key)) == first)
    stage.pass(seconds: 3)
    try expect(try await stage.verify(token, idempotencyKey: key), "OTT_EXPIRED")
  }

  @Test("An idempotency key that is too long is a bad request")
  func idempotencyKeyLength() async throws {
    let stage = try Installation.shared
    let key = String(repeating: "k", count: 129)
    let message = try await stage.verify("x", idempotencyKey: key).refusal(400, "BAD_REQUEST")
    #expect(message.contains("Idempotency-Key"))
  }

  @Test("Of 100 concurrent verifies of one token exactly one succeeds")
  func concurrent() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let token = try await cafe.startLauncher().ott()
    let body = #"{"ott":"\#(token)","provider_user_id":"1001"}"#
    let headers = [
      "X-Api-Key: \(stage.skyfall.key)", "Content-Type: application/json",
      "Content-Length: \(body.utf8.count)",
    ]
    let request = RawRequest.text("POST", Installation.verifyPath, headers, body: body)
    let port = stage.service.publicPort
    let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<100 {
        group.addTask {
          let data = try await RawHTTP.send(request, toPort: port).success()
          let isValid = try data.boolean("is_valid")
          if !isValid { #expect(try data.string("reason") == "OTT_ALREADY_USED") }
          return isValid
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.count == 100)
    #expect(outcomes.filter { $0 }.count == 1)
    #expect(try await cafe.report().integer("live_sessions") == 1)
  }
}
