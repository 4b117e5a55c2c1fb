import Foundation
import Support
import Testing

/// SIGTERM: nothing in flight is lost.
@Suite(.timeLimit(.minutes(15)))
struct ShutdownTests {
  private static let limit = Duration.seconds(10)

  @Test("Requests in flight are answered before the service ends, with status 0")
  func inFlight() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      let request = RawRequest.heartbeat(of: play)
      let port = stage.service.publicPort
      // While Redis stands still they wait in the service, which gives up after two seconds.
      stage.redis.freeze()
      let frozen = ContinuousClock.now
      let patience = Duration.milliseconds(1_500)
      // On a busy machine the test itself may take longer than the service waits.
      var isPatient = false
      let answers = try await withThrowingTaskGroup(of: RawHTTP.Answer.self) { group in
        for _ in 0..<20 {
          group.addTask { try await RawHTTP.send(request, toPort: port) }
        }
        // The service reads its connections in turn, so these let the others get in.
        for _ in 0..<20 {
          #expect(try await stage.service.http.send("GET", "/healthz").status == 200)
        }
        async let status = stage.service.terminate()
        try await Waiting.until("no new connections", within: .seconds(5)) {
          let probe = RawRequest.text("GET", "/healthz", [])
          return (try? await RawHTTP.send(probe, toPort: port, within: .milliseconds(300))) == nil
        }
        stage.redis.thaw()
        isPatient = ContinuousClock.now - frozen < patience
        let start = ContinuousClock.now
        #expect(try await status == 0)
        #expect(ContinuousClock.now - start < Self.limit)
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.count == 20)
      for answer in answers {
        if isPatient || answer.status == 200 {
          #expect(try answer.success().string("result") == "OK")
        } else {
          try answer.refusal(503, "UNAVAILABLE")
        }
      }
    }
  }

  @Test("It ends in time even when Redis never answers")
  func redisFrozen() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      stage.redis.freeze()
      let start = ContinuousClock.now
      async let answer = play.beat()
      #expect(try await stage.service.terminate() == 0)
      #expect(ContinuousClock.now - start < Self.limit)
      // It was answered, or the connection was refused because the service was already closed.
      if let answer = try? await answer { try answer.refusal(503, "UNAVAILABLE") }
      stage.redis.thaw()
    }
  }

  @Test("It ends in time whatever clients do: drip, keep silent, or leave responses unread")
  func rudeClients() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      let port = stage.service.publicPort
      let headers = ["X-Api-Key: \(stage.skyfall.key)", "Content-Type: application/json"]
      let half = RawRequest.text(
        "POST",
        Installation.verifyPath,
        headers + ["Content-Length: 99"],
        body: "{"
      )
      let dripping = try await HeldConnection.open(10, port: port)
      for connection in dripping { connection.send(half) }
      let silent = try await HeldConnection.open(10, port: port)
      let deaf = try await HeldConnection.open(port: port, reads: false)
      deaf.send(String(repeating: Installation.probe, count: 80_000))
      try await stage.scrape(until: "all are there") {
        $0["playmeter_http_connections", ["listener": "public"]] ?? 0 >= 21
      }
      // Until it does not read any more what the deaf one sends.
      try await Task.sleep(for: .seconds(1))
      stage.redis.freeze()
      async let beat = play.beat()
      let start = ContinuousClock.now
      stage.service.signal(SIGTERM)
      try await Waiting.until("the end", within: .seconds(15)) {
        for connection in dripping where connection.isOpen { connection.send(" ") }
        try await Task.sleep(for: .milliseconds(100))
        return !stage.service.isRunning
      }
      #expect(ContinuousClock.now - start < Self.limit)
      #expect(try await stage.service.wait(within: .seconds(1)) == 0)
      if let answer = try? await beat { try answer.refusal(503, "UNAVAILABLE") }
      for connection in silent { try await connection.waitUntilClosed(within: .seconds(1)) }
      deaf.close()
      stage.redis.thaw()
    }
  }

  @Test("A response during it says that the connection closes, and then it does")
  func announcedEnd() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      let request = RawRequest.heartbeat(of: play)
      let connection = try await HeldConnection.open(port: stage.service.publicPort)
      connection.send(request)
      try await Waiting.until("an answer", within: .seconds(5)) { !connection.received.isEmpty }
      #expect(!connection.received.contains("Connection: close"))
      // On every event loop one that is idle.
      let idle = try await HeldConnection.open(8, port: stage.service.publicPort)
      stage.redis.freeze()
      connection.send(request)
      try await stage.scrape(until: "it is in flight") {
        $0["playmeter_http_requests_in_flight", ["listener": "public"]] == 1
      }
      stage.service.signal(SIGTERM)
      // These are closed at once, so by then all connections know.
      for other in idle { try await other.waitUntilClosed(within: .seconds(5)) }
      stage.redis.thaw()
      try await connection.waitUntilClosed(within: .seconds(5))
      #expect(connection.received.split(separator: "HTTP/1.1 ").count == 2)
      #expect(connection.received.split(separator: "Connection: close").count == 2)
      #expect(try await stage.service.wait(within: .seconds(10)) == 0)
    }
  }

  @Test(
    "A second signal ends it at once, and it dies of that signal",
    arguments: [SIGTERM, SIGINT]
  )
  func secondSignal(number: Int32) async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      stage.redis.freeze()
      async let beat = play.beat()
      try await stage.scrape(until: "it is in flight") {
        $0["playmeter_http_requests_in_flight", ["listener": "public"]] == 1
      }
      stage.service.signal(SIGTERM)
      try await Waiting.until("the first signal", within: .seconds(1)) {
        stage.service.log.contains("stopping")
      }
      #expect(stage.service.isRunning)
      let start = ContinuousClock.now
      stage.service.signal(number)
      #expect(try await stage.service.wait(within: .seconds(5)) == number)
      #expect(ContinuousClock.now - start < .seconds(1))
      #expect((try? await beat) == nil)
      stage.redis.thaw()
    }
  }

  @Test("An idle connection does not hold it up")
  func idle() async throws {
    try await Installation.open { stage in
      for http in [stage.service.http, stage.service.management] {
        _ = try await http.send("GET", "/healthz")
      }
      let start = ContinuousClock.now
      #expect(try await stage.service.terminate() == 0)
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }

  @Test("While it stops nothing is lost and the next instance goes on")
  func handOver() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play(stage.tower)
      stage.pass(seconds: 100)
      #expect(try await stage.service.terminate() == 0)
      let next = try await ServiceProcess.start(environment: stage.environment)
      stage.pass(seconds: 20)
      let stage = stage.through(next)
      let data = try await stage.beat(play.id, play.game).success()
      #expect(try data.integer("play_duration_sec") == 120)
      let end = try await stage.end(play.id, play.game).success()
      #expect(try end.integer("play_duration_sec") == 120)
      #expect(try await next.terminate() == 0)
    }
  }
}
