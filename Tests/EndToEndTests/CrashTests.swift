import Support
import Testing

/// The service dies at any instruction; Redis and its data stay.
@Suite(.timeLimit(.minutes(15)))
struct CrashTests {
  private static let pcs = 20
  private static let secondsPerRound = 10

  /// One round of heartbeats of everybody, all at once. While the service dies a heartbeat may get
  /// no answer; then the player tries again in the next round, as game servers do.
  private func beatAll(_ plays: [Play], via stage: Installation, mayFail: Bool) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for play in plays {
        group.addTask {
          do {
            let result = try await stage.beat(play.id, play.game).success().string("result")
            #expect(result == "OK")
            _ = try await stage.launcherBeat(play.launcher).success()
          } catch  where mayFail {
            return
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("kill -9 in busy minutes: a new instance goes on, and nothing is billed twice")
  func kill() async throws {
    try await Installation.open { first in
      var stage = first
      let cafes = [try await stage.cafe(), try await stage.cafe()]
      var plays: [Play] = []
      for number in 0..<Self.pcs {
        plays.append(try await cafes[number % 2].play(stage.tower, pc: "PC-\(number)"))
      }
      var played = 0
      for round in 0..<24 {
        stage.pass(seconds: Self.secondsPerRound)
        played += Self.secondsPerRound
        guard round % 7 == 6 else {
          try await beatAll(plays, via: stage, mayFail: false)
          continue
        }
        try await crash(stage) { try await beatAll(plays, via: $0, mayFail: true) }
        let next = try await ServiceProcess.start(environment: stage.environment)
        stage = stage.through(next)
      }
      try await expectCharges(plays, played, stage)
      #expect(try await stage.service.terminate() == 0)
    }
  }

  /// Kills the service while it is at work.
  private func crash(
    _ stage: Installation,
    _ work: (Installation) async throws -> Void
  ) async throws {
    async let end: Void = stage.service.kill()
    try await work(stage)
    try await end
  }

  /// Everybody stops at the same second of passed time; each start was a moment before the last.
  private func expectCharges(_ plays: [Play], _ played: Int, _ stage: Installation) async throws {
    var sums: [String: Int] = [:]
    for play in plays {
      let final = try await stage.end(play.id, play.game).success().integer("play_duration_sec")
      #expect((played...played + 5).contains(final))
      let report = try await stage.admin("GET", "/sessions/\(play.id)").success()
      #expect(try report.integer("billable_sec") == final)
      #expect(try report.integer("charged_mgcoin") == final * 10)
      sums[play.launcher.cafe.id, default: 0] += final * 10
    }
    for (cafe, sum) in sums {
      let balance = try await stage.admin("GET", "/cafes/\(cafe)").success()
        .integer("balance_mgcoin")
      #expect(balance == 1_000_000 - sum)
    }
  }

  @Test("Calls that a crash left unanswered do no harm when they are repeated")
  func unanswered() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe()
      var tokens: [String] = []
      for number in 0..<10 {
        tokens.append(try await cafe.startLauncher(pc: "PC-\(number)").ott(stage.tower))
      }
      await withTaskGroup(of: Void.self) { group in
        for (number, token) in tokens.enumerated() {
          group.addTask {
            // No answer is what this is about.
            _ = try? await stage.verify(token, stage.tower, idempotencyKey: "k")
            _ = try? await cafe.topUp(100, ref: "ref-\(number)")
          }
        }
        group.addTask { _ = try? await stage.service.kill() }
      }
      let next = try await ServiceProcess.start(environment: stage.environment)
      let stage = stage.through(next)
      for (number, token) in tokens.enumerated() {
        let data = try await stage.verify(token, stage.tower, idempotencyKey: "k").success()
        #expect(try data.boolean("is_valid"))
        let money = #"{"amount_mgcoin":100,"ref":"ref-\#(number)"}"#
        _ = try await stage.admin("POST", "/cafes/\(cafe.id)/topups", money).success()
      }
      let report = try await stage.admin("GET", "/cafes/\(cafe.id)").success()
      #expect(try report.integer("live_sessions") == 10)
      let path = "/cafes/\(cafe.id)/suspend"
      let ended = try await stage.admin("POST", path, #"{"end_sessions":true}"#).success()
      #expect(try ended.integer("live_sessions") == 0)
      #expect(try (1_000_900...1_001_000).contains(ended.integer("balance_mgcoin")))
      #expect(try await next.terminate() == 0)
    }
  }

  @Test("What times out while no service runs is closed by the next one, to the right second")
  func missedTimeouts() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play(stage.tower)
      stage.pass(seconds: 100)
      try await play.beatBoth()
      try await stage.service.kill()
      stage.pass(seconds: 3_000)
      let next = try await ServiceProcess.start(environment: stage.environment)
      let stage = stage.through(next)
      try await Waiting.until("the end", within: .seconds(20)) {
        try await stage.admin("GET", "/sessions/\(play.id)").success().string("state") == "ended"
      }
      let report = try await stage.admin("GET", "/sessions/\(play.id)").success()
      #expect(try report.integer("play_duration_sec") == 100)
      #expect(try report.integer("charged_mgcoin") == 1_000)
      #expect(try await next.terminate() == 0)
    }
  }
}

extension Installation {
  /// A launcher's heartbeat through this instance.
  func launcherBeat(_ launcher: Launcher) async throws -> HTTPSession.Answer {
    let headers = ["Authorization": "Bearer \(launcher.token)"]
    return try await service.http.send("PATCH", "/v1/launcher/session/heartbeat", headers: headers)
  }
}
