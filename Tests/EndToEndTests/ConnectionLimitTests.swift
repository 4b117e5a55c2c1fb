import Support
import Testing

/// How many connections there may be.
@Suite(.timeLimit(.minutes(15)))
struct ConnectionLimitTests {
  private static let most = 40

  /// Opens more connections than may be and sees those past the limit closed at once, the others
  /// served, and a place that becomes free taken.
  private func fill(_ stage: Installation, _ limit: String) async throws {
    let port = stage.service.publicPort
    let connections = try await HeldConnection.open(Self.most + 30, port: port)
    for connection in connections { connection.send(Installation.probe) }
    try await Waiting.until("all are answered or closed", within: .seconds(5)) {
      connections.allSatisfy { !$0.received.isEmpty || !$0.isOpen }
    }
    let served = connections.filter(\.isOpen)
    for refused in connections where !refused.isOpen { #expect(refused.received == "") }
    #expect(try await stage.limited(by: limit) == connections.count - served.count)
    // The test's own client holds some, too.
    let open = try await stage.scrape()["playmeter_http_connections", ["listener": "public"]]
    #expect(open == Double(Self.most))
    #expect(served.count > Self.most / 2 && served.count <= Self.most)
    for connection in served { connection.send(Installation.probe) }
    try await Waiting.until("all are answered again", within: .seconds(5)) {
      served.allSatisfy { $0.received.split(separator: "HTTP/1.1 200").count == 2 }
    }
    served[0].close()
    try await Waiting.until("a place", within: .seconds(5)) {
      let connection = try await HeldConnection.open(port: port)
      connection.send(Installation.probe)
      try await Waiting.until("an answer or the end", within: .seconds(5)) {
        !connection.received.isEmpty || !connection.isOpen
      }
      return connection.received.hasPrefix("HTTP/1.1 200")
    }
  }

  @Test("One address gets so many connections and no more")
  func perAddress() async throws {
    let settings = [
      "PLAYMETER_CONNECTIONS_PER_ADDRESS": "\(Self.most)", "PLAYMETER_TRUSTED_PROXIES": "",
    ]
    try await Installation.open(settings: settings) { stage in
      try await fill(stage, "connections_per_address")
    }
  }

  @Test("A trusted proxy speaks for many; for it only the limit for all counts")
  func all() async throws {
    let settings = [
      "PLAYMETER_CONNECTIONS_PER_ADDRESS": "1", "PLAYMETER_CONNECTIONS": "\(Self.most)",
    ]
    try await Installation.open(settings: settings) { stage in
      try await fill(stage, "connections")
    }
  }

  @Test("Thousands of connections that come at once cost little memory and go without a trace")
  func storm() async throws {
    try await Installation.open(settings: ["PLAYMETER_CONNECTIONS": "500"]) { stage in
      try await stage.expectFlatMemory(megabytes: 32) {
        for _ in 0..<5 {
          let connections = try await HeldConnection.open(800, port: stage.service.publicPort)
          for connection in connections { connection.close() }
        }
      }
      try await stage.scrape(until: "all are gone") {
        $0["playmeter_http_connections", ["listener": "public"]] ?? 9 <= 1
      }
      #expect(try await stage.limited(by: "connections") > 0)
    }
  }

  @Test("Past the requests in flight 503 is said at once, and probes are still answered")
  func inFlight() async throws {
    let settings = ["PLAYMETER_REQUESTS_IN_FLIGHT": "10"]
    try await Installation.open(settings: settings) { stage in
      let play = try await stage.cafe().play()
      let beat = RawRequest.heartbeat(of: play)
      stage.redis.freeze()
      let waiting = try await HeldConnection.open(10, port: stage.service.publicPort)
      for connection in waiting { connection.send(beat) }
      try await stage.scrape(until: "all places are taken") {
        $0["playmeter_http_requests_in_flight", ["listener": "public"]] == 10
      }
      let start = ContinuousClock.now
      let answer = try await RawHTTP.send(beat, toPort: stage.service.publicPort)
      try answer.refusal(503, "UNAVAILABLE")
      #expect(answer.header("Retry-After") == "1")
      #expect(try await stage.service.http.send("GET", "/healthz").status == 200)
      #expect(try await stage.service.management.send("GET", "/healthz").status == 200)
      // The others wait up to two seconds; it did not.
      #expect(waiting.allSatisfy { $0.received.isEmpty })
      #expect(ContinuousClock.now - start < .milliseconds(1_500))
      stage.redis.thaw()
      #expect(try await stage.limited(by: "requests_in_flight") == 1)
      try await Waiting.until("answers", within: .seconds(5)) {
        waiting.allSatisfy { !$0.received.isEmpty }
      }
      try await Waiting.until("places again", within: .seconds(10)) {
        try await play.beat().status == 200
      }
    }
  }
}
