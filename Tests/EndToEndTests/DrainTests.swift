import Foundation
import Support
import Testing

/// What clients with open connections see of a service that stops.
///
/// HTTP/1.1 cannot promise that every request is answered: one can always meet the end of its
/// connection halfway. What is promised: whoever asks steadily is told by an answer that it is the
/// last one; what was done was answered, as a whole; and a request that came too late was not done,
/// and its connection has ended and was not reset.
@Suite(.timeLimit(.minutes(15)))
struct DrainTests {
  private static let steady = 8
  private static let leisurely = 32

  @Test(
    "SIGTERM loses nothing that was done or is asked steadily, and resets no connection",
    arguments: [1, 2, 3, 4, 5]
  )
  func storm(seed: UInt64) async throws {
    try await Installation.open(settings: ["PLAYMETER_LOG_LEVEL": "debug"]) { stage in
      let port = stage.service.publicPort
      var random = SeededRandom(seed: seed)
      // The leisurely ones ask at every moment of the stop.
      let pauses = (0..<Self.leisurely)
        .map { _ in Duration.milliseconds(Int.random(in: 1...700, using: &random)) }
      let moment = Duration.milliseconds(Int.random(in: 0...600, using: &random))
      var all = KeptConnection.Fates()
      try await withThrowingTaskGroup(of: (Bool, KeptConnection.Fates).self) { group in
        for index in 0..<Self.steady {
          group.addTask {
            (true, try await KeptConnection.ask("steady-\(index)", port: port))
          }
        }
        for (index, pause) in pauses.enumerated() {
          group.addTask {
            (false, try await KeptConnection.ask("leisurely-\(index)", port: port, pause: pause))
          }
        }
        try await Waiting.until("some answers", within: .seconds(30)) {
          stage.service.log.split(separator: "\"steady-").count > Self.steady * 10
        }
        try await Task.sleep(for: moment)
        #expect(try await stage.service.terminate() == 0)
        for try await (isSteady, fates) in group {
          // Steady is who asks within the farewell; a busy machine may not let it.
          if isSteady, fates.longestPause < .milliseconds(200) {
            #expect(fates.unanswered == [] && fates.isToldOfTheEnd)
          }
          all.add(fates)
        }
      }
      #expect(all.reset == [])
      #expect(all.cut == [])
      let done = stage.service.logLines
        .compactMap { try? $0.string("request_id") }
        .filter { $0.hasPrefix("steady-") || $0.hasPrefix("leisurely-") }
      #expect(Set(done) == Set(all.answered))
    }
  }

  @Test("What is sent after the end is not done, and does not reset the connection")
  func afterTheEnd() async throws {
    try await Installation.open(settings: ["PLAYMETER_LOG_LEVEL": "debug"]) { stage in
      let port = stage.service.publicPort
      let connection = try await HeldConnection.open(port: port, closesInReturn: false)
      connection.send(Installation.probe)
      try await Waiting.until("an answer", within: .seconds(5)) { !connection.received.isEmpty }
      stage.service.signal(SIGTERM)
      try await Waiting.until("the end", within: .seconds(5)) { connection.endedAt != nil }
      connection.send(RawRequest.text("GET", "/readyz", ["X-Request-Id: late"]))
      let delay = try ContinuousClock.now - #require(connection.endedAt)
      #expect(try await stage.service.wait(within: .seconds(5)) == 0)
      #expect(connection.received.split(separator: "HTTP/1.1 ").count == 1)
      #expect(!stage.service.log.contains("late"))
      // A busy machine may have sent it when nobody was there any more.
      if delay < .milliseconds(100) { #expect(connection.failure == nil && connection.isOpen) }
      connection.close()
    }
  }

  @Test("A client that asks while the service stops is answered, also on a new connection")
  func whileStopping() async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      let port = stage.service.publicPort
      let idle = try await HeldConnection.open(port: port)
      idle.send(Installation.probe)
      try await Waiting.until("an answer", within: .seconds(5)) { !idle.received.isEmpty }
      stage.redis.freeze()
      async let held = RawHTTP.send(RawRequest.heartbeat(of: play), toPort: port)
      try await stage.scrape(until: "it is in flight") {
        $0["playmeter_http_requests_in_flight", ["listener": "public"]] == 1
      }
      stage.service.signal(SIGTERM)
      try await Waiting.until("the signal", within: .seconds(5)) {
        stage.service.log.contains("stopping")
      }
      let start = ContinuousClock.now
      idle.send(Installation.probe)
      let answer = try? await RawHTTP.send(Installation.probe, toPort: port)
      // The farewell is 300 ms; a busy machine may have taken longer to come here.
      if ContinuousClock.now - start < .milliseconds(100) {
        #expect(answer?.status == 200)
        #expect(answer?.header("Connection") == "close")
      }
      stage.redis.thaw()
      #expect(try await held.header("Connection") == "close")
      try await idle.waitUntilClosed(within: .seconds(5))
      #expect(try await stage.service.wait(within: .seconds(10)) == 0)
      #expect(idle.received.split(separator: "HTTP/1.1 200").count == 2)
      #expect(idle.received.split(separator: "Connection: close").count == 2)
    }
  }

  @Test("Clients that never close their side hold it up for less than a second")
  func neverClosed() async throws {
    try await Installation.open { stage in
      let port = stage.service.publicPort
      var connections: [HeldConnection] = []
      for _ in 0..<20 {
        let connection = try await HeldConnection.open(port: port, closesInReturn: false)
        connection.send(Installation.probe)
        connections.append(connection)
      }
      try await Waiting.until("answers", within: .seconds(5)) {
        connections.allSatisfy { !$0.received.isEmpty }
      }
      let start = ContinuousClock.now
      #expect(try await stage.service.terminate() == 0)
      // 300 ms until the end, 250 ms after it, as much for operators; three times that here.
      #expect(ContinuousClock.now - start < .seconds(3))
      for connection in connections { connection.close() }
    }
  }
}
