import Support
import Testing

/// How often callers may call.
@Suite(.timeLimit(.minutes(15)))
struct RateLimitTests {
  private static let unknownToken = "00000000-0000-8000-8000-000000000000"

  @Test("Verify is limited for each API key; a paying player's heartbeat and end never are")
  func perKey() async throws {
    try await Installation.open(settings: ["PLAYMETER_RATE_LIMIT_PER_KEY": "2/h"]) { stage in
      let play = try await stage.cafe().play()
      for _ in 0..<3 { _ = try await stage.verify(Self.unknownToken).success() }
      let refused = try await stage.verify(Self.unknownToken)
      try refused.refusal(429, "RATE_LIMITED")
      let seconds = try #require(refused.header("Retry-After").flatMap { Int($0) })
      #expect((1_700...1_800).contains(seconds))
      for _ in 0..<50 { #expect(try await play.beat().success().string("result") == "OK") }
      for _ in 0..<20 { _ = try await play.launcher.heartbeat().success() }
      _ = try await play.end().success()
      _ = try await play.launcher.end().success()
      // Another key is free.
      _ = try await stage.verify(Self.unknownToken, stage.tower).success()
      #expect(try await stage.limited(by: "rate_per_key") == 1)
    }
  }

  @Test("Starts and tokens are limited for each cafe, which only its own secret can use up")
  func perCafe() async throws {
    try await Installation.open(settings: ["PLAYMETER_RATE_LIMIT_PER_CAFE": "2/h"]) { stage in
      let cafe = try await stage.cafe()
      var forged = cafe.signedStart()
      forged.forgedSignature = String(repeating: "0", count: 64)
      for _ in 0..<10 { try await stage.send(forged).refusal(401, "INVALID_SIGNATURE") }
      let launcher = try await cafe.startLauncher()
      for _ in 0..<3 { _ = try await launcher.ott() }
      try await launcher.requestToken("skyfall").refusal(429, "RATE_LIMITED")
      try await stage.send(cafe.signedStart(pc: "PC-2")).refusal(429, "RATE_LIMITED")
      for _ in 0..<20 { _ = try await launcher.heartbeat().success() }
      _ = try await launcher.end().success()
      _ = try await stage.cafe().startLauncher()
      #expect(try await stage.limited(by: "rate_per_cafe") == 2)
    }
  }

  @Test("Credentials cannot be guessed at full speed, and guesses lock nobody else out")
  func guesses() async throws {
    let settings = Installation.hostSettings.merging([
      "PLAYMETER_RATE_LIMIT_PER_ADDRESS": "2/h"
    ]) { $1 }
    try await Installation.open(settings: settings) { stage in
      let guesses: [(String, String, [String: String], String)] = [
        ("POST", Installation.verifyPath, ["X-Api-Key": "guess"], "203.0.113.1"),
        ("POST", SignedStart.path, ["X-Cafe-Id": "guess"], "203.0.113.2"),
        ("POST", "/v1/launcher/ott", ["Authorization": "Bearer guess"], "203.0.113.3"),
        ("POST", "/api/host/status", ["Authorization": "Bearer guess"], "2001:db8::1"),
        ("POST", "/api/host/status", ["Authorization": "Bearer guess"], "2001:db8:0:1::2"),
      ]
      for (method, path, headers, address) in guesses {
        let headers = headers.merging(["X-Forwarded-For": address]) { $1 }
        for _ in 0..<4 {
          let answer = try await stage.service.http.send(method, path, headers: headers, json: "{}")
          #expect([401, 403].contains(answer.status))
        }
        let refused = try await stage.service.http.send(method, path, headers: headers, json: "{}")
        #expect(refused.status == 429)
        #expect(refused.header("Retry-After") == "1800")
      }
      // The same address with right credentials, and an address of the same /64.
      let key = ["X-Api-Key": stage.skyfall.key, "X-Forwarded-For": "203.0.113.1"]
      let body = #"{"ott":"\#(Self.unknownToken)","provider_user_id":"1"}"#
      let path = Installation.verifyPath
      _ = try await stage.service.http.send("POST", path, headers: key, json: body).success()
      let near = ["Authorization": "Bearer guess", "X-Forwarded-For": "2001:db8::ffff"]
      let status = "/api/host/status"
      let answer = try await stage.service.http.send("POST", status, headers: near, json: "{}")
      #expect(answer.status == 429)
      #expect(try await stage.limited(by: "rate_per_address") == 6)
    }
  }

  @Test("A wrong admin token is limited, too, and the right one still works")
  func adminToken() async throws {
    try await Installation.open(settings: ["PLAYMETER_RATE_LIMIT_PER_ADDRESS": "2/h"]) { stage in
      let wrong = ["Authorization": "Bearer guess"]
      let path = "/v1/admin/games"
      for _ in 0..<4 {
        try await stage.service.management.send("GET", path, headers: wrong)
          .refusal(401, "INVALID_ADMIN_TOKEN")
      }
      try await stage.service.management.send("GET", path, headers: wrong)
        .refusal(429, "RATE_LIMITED")
      _ = try await stage.admin("GET", "/games").success()
    }
  }

  @Test("A cafe's 200 PCs that boot within seconds all get in, with the defaults")
  func boot() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe(balance: 100_000_000)
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask {
            let launcher = try await cafe.startLauncher(pc: "PC-\(number)")
            _ = try await launcher.heartbeat().success()
            let token = try await launcher.ott()
            let data = try await stage.verify(token, user: "\(number + 1)").success()
            #expect(try data.boolean("is_valid"))
          }
        }
        try await group.waitForAll()
      }
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(try await cafe.report().integer("live_sessions") == 200)
    }
  }
}
