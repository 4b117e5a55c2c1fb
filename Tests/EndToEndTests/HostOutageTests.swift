import Support
import Testing

/// Redis away, and Redis back without its hosts: nobody is told that there is none when nobody
/// knows.
@Suite(.timeLimit(.minutes(15)))
struct HostOutageTests {
  private static let limit = Duration.seconds(2)

  private typealias Call = @Sendable (Installation) async throws -> HTTPSession.Answer

  private static let calls: [(name: String, send: Call)] = [
    ("find", { try await $0.findHost() }),
    ("find of one host", { try await $0.findHost(#"{"hostId":"pc"}"#) }),
    ("heartbeat", { try await $0.hostBeat("pc") }),
    ("status", { try await $0.setHostStatus("pc", "idle") }),
    ("leave", { try await $0.hostCall("DELETE", "/api/host/pc") }),
    ("list", { try await $0.service.http.send("GET", "/api/hosts") }),
    ("TTLs", { try await $0.service.http.send("GET", "/api/hosts/ttl") }),
    (
      "confirm",
      {
        let path = "/api/match/rv_00000000-0000-8000-8000-000000000000/confirm"
        return try await $0.service.http.send("POST", path)
      }
    ),
  ]

  /// All at once, as an outage meets them.
  private func expectUnavailable(_ stage: Installation) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for call in Self.calls {
        group.addTask {
          let start = ContinuousClock.now
          let answer = try await call.send(stage)
          let taken = ContinuousClock.now - start
          #expect(taken < Self.limit, "\(call.name) took \(taken)")
          if call.name.hasPrefix("find") { try answer.noMatch(503) }
          try answer.hostRefusal(503)
          let seconds = try #require(answer.header("Retry-After").flatMap { Int($0) })
          #expect((1...60).contains(seconds))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("Without Redis every call of hosts and clients is 503 within two seconds, as JSON")
  func away() async throws {
    try await Installation.open(settings: Installation.hostSettings) { stage in
      try await stage.hostBeat("pc").hostSuccess()
      try await stage.redis.kill()
      for _ in 0..<2 { try await expectUnavailable(stage) }
      try await stage.redis.restart()
      try await stage.service.waitUntilReady(within: .seconds(15))
      try await stage.hostBeat("pc").hostSuccess()
      _ = try await stage.findHost().match()
    }
  }

  @Test("So it is when Redis stands still")
  func frozen() async throws {
    try await Installation.open(settings: Installation.hostSettings) { stage in
      try await stage.hostBeat("pc").hostSuccess()
      stage.redis.freeze()
      for _ in 0..<2 { try await expectUnavailable(stage) }
      stage.redis.thaw()
      try await stage.service.waitUntilReady(within: .seconds(15))
      try await stage.hostBeat("pc").hostSuccess()
    }
  }

  @Test("On an empty Redis that a service meets first there is none, and that is said at once")
  func firstStart() async throws {
    try await Installation.open(settings: Installation.hostSettings) { stage in
      try await stage.findHost().noMatch(404)
    }
  }

  @Test("A Redis that comes back without its hosts gives them one TTL to return: 503, then 404")
  func lost() async throws {
    // With an archive, a Redis that has lost everything is refused until it is restored.
    let settings = Installation.hostSettings.merging([
      "PLAYMETER_REDIS_DURABILITY": "relaxed", "PLAYMETER_ARCHIVE_DIRECTORY": "",
    ]) { $1 }
    try await Installation.open(settings: settings) { stage in
      try await stage.hostBeat("pc").hostSuccess()
      try await stage.redis.restartEmpty()
      stage.redis.clock.advance(by: .milliseconds(1))
      try await stage.service.waitUntilReady(within: .seconds(15))
      let answer = try await stage.findHost()
      #expect(try answer.noMatch(503).contains("warming up"))
      let wait = try #require(answer.header("Retry-After").flatMap { Int($0) })
      #expect((1...30).contains(wait))
      stage.pass(seconds: 10)
      #expect(try await stage.findHost(#"{"hostId":"pc"}"#).noMatch(503).contains("warming up"))
      try await stage.hostBeat("pc").hostSuccess()
      #expect(try await stage.findHost().match().string("hostId") == "pc")
      #expect(try await stage.findHost().noMatch(503).contains("warming up"))
      stage.pass(seconds: 21)
      try await stage.findHost().noMatch(404)
      // A new instance has lost nothing.
      let second = try await ServiceProcess.start(environment: stage.environment)
      try await stage.through(second).findHost().noMatch(404)
      #expect(try await second.terminate() == 0)
    }
  }
}
