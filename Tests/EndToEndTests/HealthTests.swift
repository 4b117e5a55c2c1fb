import Support
import Testing

/// What a probe sees.
@Suite(.timeLimit(.minutes(15)))
struct HealthTests {
  private func expectHealthy(_ stage: Installation) async throws {
    for http in [stage.service.http, stage.service.management] {
      let answer = try await http.send("GET", "/healthz", within: .seconds(2))
      #expect(answer.status == 200)
      #expect(try answer.json.string("status") == "ok")
    }
  }

  /// Waits until both listeners answer 503 with a fault that says all of these words.
  private func expectFault(_ stage: Installation, _ words: String...) async throws {
    for http in [stage.service.http, stage.service.management] {
      var document = JSONView.null
      do {
        try await Waiting.until("503 with a fault about \(words)", within: .seconds(10)) {
          let answer = try await http.send("GET", "/readyz", within: .seconds(4))
          guard answer.status == 503 else { return false }
          document = try answer.json
          let faults = try list(in: document).map { try $0.string("") }
          return faults.contains { fault in words.allSatisfy { fault.contains($0) } }
        }
      } catch {
        throw SupportError("\(error), but \(document)")
      }
    }
  }

  /// The list, whether it is the document or a member of it.
  private func list(in document: JSONView) throws -> [JSONView] {
    if let list = try? document.array() { return list }
    for name in try document.keys() {
      if let list = try? document.array(name) { return list }
    }
    throw SupportError("no list of faults in \(document)")
  }

  @Test("A Redis that went away makes the service unready, not unhealthy, until it is back")
  func redisAway() async throws {
    try await Installation.open { stage in
      try await expectHealthy(stage)
      #expect(try await stage.service.management.send("GET", "/readyz").status == 200)
      try await stage.redis.kill()
      try await expectFault(stage, "Redis")
      try await expectHealthy(stage)
      try await stage.redis.restart()
      try await stage.service.waitUntilReady(within: .seconds(15))
      try await expectHealthy(stage)
    }
  }

  @Test("So does one that stands still")
  func redisFrozen() async throws {
    try await Installation.open { stage in
      stage.redis.freeze()
      try await expectFault(stage, "Redis")
      try await expectHealthy(stage)
      stage.redis.thaw()
      try await stage.service.waitUntilReady(within: .seconds(15))
    }
  }

  @Test("A Redis that lost its required settings is named with what to do")
  func settings() async throws {
    try await Installation.open { stage in
      let cases = [
        ("appendonly", "no", "yes"), ("maxmemory-policy", "allkeys-lru", "noeviction"),
      ]
      for (name, wrong, right) in cases {
        _ = try await stage.redis.raw("CONFIG SET \(name) \(wrong)")
        try await expectFault(stage, name, right)
        try await expectHealthy(stage)
        _ = try await stage.redis.raw("CONFIG SET \(name) \(right)")
        try await stage.service.waitUntilReady(within: .seconds(15))
      }
    }
  }

  @Test("A replica is no Redis to bill on")
  func replica() async throws {
    try await Installation.open { stage in
      _ = try await stage.redis.raw("REPLICAOF 127.0.0.1 1")
      try await expectFault(stage, "master")
      _ = try await stage.redis.raw("REPLICAOF NO ONE")
      try await stage.service.waitUntilReady(within: .seconds(15))
    }
  }

  @Test("The service starts before its Redis, and is ready when that comes")
  func startsFirst() async throws {
    try await Installation.open { stage in
      try await stage.redis.kill()
      let second = try await ServiceProcess.start(
        environment: stage.environment,
        awaitsReadiness: false
      )
      let answer = try await second.http.send("GET", "/readyz", within: .seconds(4))
      #expect(answer.status == 503)
      try await stage.redis.restart()
      try await second.waitUntilReady(within: .seconds(15))
      try await stage.service.waitUntilReady(within: .seconds(15))
      _ = try await stage.through(second).cafe().play()
      #expect(try await second.terminate() == 0)
    }
  }

  @Test("While the clock of Redis is back by more than five seconds, nobody new is admitted")
  func clockWentBack() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe()
      let play = try await cafe.play(pc: "PC-1")
      let token = try await cafe.startLauncher(pc: "PC-2").ott()
      stage.pass(seconds: 100)
      _ = try await play.beat().success()
      stage.pass(seconds: -30)
      try await expectFault(stage, "clock")
      try await stage.verify(token).refusal(503, "UNAVAILABLE")
      #expect(try await play.beat().success().integer("play_duration_sec") == 100)
      stage.pass(seconds: 40)
      try await stage.service.waitUntilReady(within: .seconds(15))
      #expect(try await stage.verify(token).success().string("reason") == "OTT_EXPIRED")
      #expect(try await play.end().success().integer("play_duration_sec") >= 110)
    }
  }

  @Test("Billing that stands still for two ticks is told")
  func billingBehind() async throws {
    let settings = ["PLAYMETER_BILLING_TICK": "1s", "PLAYMETER_HEARTBEAT_INTERVAL": "120s"]
    try await Installation.open(settings: settings) { stage in
      let cafe = try await stage.cafe()
      let clock = try cafe.key("clock")
      // A clock key of another type makes every step of that partition fail.
      _ = try await stage.redis.raw("RENAME \(clock) aside")
      _ = try await stage.redis.raw("SET \(clock) broken")
      try await expectFault(stage, "billing")
      _ = try await stage.redis.raw("RENAME aside \(clock)")
      try await stage.service.waitUntilReady(within: .seconds(15))
    }
  }
}
