import Support
import Testing

/// Two instances on one Redis, which know nothing of each other.
@Suite(.timeLimit(.minutes(15)))
struct TwoInstancesTests {
  private func open(_ body: (Installation, Installation) async throws -> Void) async throws {
    try await Installation.open { stage in
      let second = try await ServiceProcess.start(environment: stage.environment)
      try await body(stage, stage.through(second))
      #expect(try await second.terminate() == 0)
    }
  }

  @Test("A session goes from one instance to the other and is billed once")
  func shared() async throws {
    try await open { one, two in
      let cafe = try await one.cafe(balance: 1_000_000)
      let launcher = try await cafe.startLauncher()
      let token = try await launcher.ott(one.tower)
      let id = try await two.verify(token, two.tower).success().string("game_session_id")
      for _ in 0..<5 {
        one.pass(seconds: 60)
        for stage in [one, two] {
          #expect(try await stage.beat(id, stage.tower).success().string("result") == "OK")
          _ = try await stage.launcherBeat(launcher).success()
        }
      }
      try await Waiting.until("the last tick", within: .seconds(20)) {
        let report = try await two.admin("GET", "/sessions/\(id)").success()
        return try report.integer("billable_sec") >= 300
      }
      one.pass(seconds: 30)
      #expect(try await one.end(id, one.tower).success().integer("play_duration_sec") == 330)
      try await two.end(id, two.tower).refusal(409, "ALREADY_ENDED")
      #expect(try await cafe.balance() == 1_000_000 - 3_300)
    }
  }

  @Test("Of many verifies on both exactly one succeeds")
  func oneToken() async throws {
    try await open { one, two in
      let token = try await one.cafe().startLauncher().ott()
      let valid = try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<40 {
          let stage = number % 2 == 0 ? one : two
          group.addTask { try await stage.verify(token).success().boolean("is_valid") }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(valid == 1)
    }
  }

  @Test("Both see a changed game within two seconds")
  func games() async throws {
    try await open { one, two in
      let result = try await one.command(["game", "rotate-key", "--id", "tower", "--json"])
      let new = GameAccess(id: "tower", key: try result.json.string("api_key"))
      let old = try await one.admin("GET", "/games/tower").success().string("keys.0.key_id")
      let limit = Duration.seconds(2)
      for stage in [one, two] {
        try await Waiting.until("the new key", within: limit) {
          try await stage.beat("gs_x", new).status == 404
        }
      }
      // Which of the two keys is listed first is not promised.
      _ = try await two.admin("DELETE", "/games/tower/keys/\(old)").success()
      for stage in [one, two] {
        try await Waiting.until("one key less", within: limit) {
          let statuses = [
            try await stage.beat("gs_x", new).status,
            try await stage.beat("gs_x", stage.tower).status,
          ]
          return statuses.sorted() == [401, 404]
        }
      }
    }
  }

  @Test("When one dies the other bills on")
  func oneDies() async throws {
    try await open { one, two in
      let cafe = try await two.cafe()
      let play = try await cafe.play(two.tower)
      try await one.service.kill()
      two.pass(seconds: 61)
      try await Waiting.until("a tick", within: .seconds(20)) {
        try await play.report().integer("billable_sec") >= 60
      }
      two.pass(seconds: 39)
      #expect(try await play.end().success().integer("play_duration_sec") == 100)
    }
  }
}
