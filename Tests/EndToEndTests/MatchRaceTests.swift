import Support
import Testing

/// Many clients and several instances at one Redis.
@Suite(.timeLimit(.minutes(15)))
struct MatchRaceTests {
  private static let clients = 1_000
  /// A thousand connections at once on a machine that does other things besides.
  private static let limit = Duration.seconds(60)

  /// Each client on a connection of its own, all at once, spread over the instances.
  private func finds(_ ports: [Int]) async throws -> [RawHTTP.Answer] {
    let headers = ["Content-Type: application/json", "Content-Length: 2", "Connection: close"]
    return try await withThrowingTaskGroup(of: RawHTTP.Answer.self) { group in
      for client in 0..<Self.clients {
        let address = "X-Forwarded-For: 198.51.\(client / 250).\(client % 250)"
        let path = Installation.findPath
        let request = RawRequest.text("POST", path, headers + [address], body: "{}")
        let port = ports[client % ports.count]
        group.addTask {
          try await RawHTTP.send(request, toPort: port, within: Self.limit)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  @Test("Of 1,000 clients of three instances one gets the only slot, and 999 hear 404")
  func oneSlot() async throws {
    try await Installation.open(settings: Installation.unlimitedHostSettings) { one in
      let two = try await ServiceProcess.start(environment: one.environment)
      let three = try await ServiceProcess.start(environment: one.environment)
      try await one.hostBeat("pc").hostSuccess()
      let answers = try await finds([one.service, two, three].map(\.publicPort))
      let winners = answers.filter { $0.status == 200 }
      #expect(winners.count == 1)
      #expect(try winners.first?.match().string("hostId") == "pc")
      let others = answers.filter { $0.status != 200 }
      #expect(others.count == 999)
      for answer in others { try answer.noMatch(404) }
      for instance in [two, three] { #expect(try await instance.terminate() == 0) }
    }
  }
}

/// The limits that keep one caller from taking everything.
@Suite(.timeLimit(.minutes(15)))
struct MatchLimitTests {
  private func wait(_ answer: HTTPSession.Answer) throws -> Int {
    try #require(answer.header("Retry-After").flatMap { Int($0) })
  }

  @Test("An address that searches too often hears 429 with the wait, and others go on")
  func rate() async throws {
    let own = ["PLAYMETER_RATE_LIMIT_PER_ADDRESS": "2/m"]
    let settings = Installation.hostSettings.merging(own) { $1 }
    try await Installation.open(settings: settings) { stage in
      for _ in 1...4 { try await stage.findHost().noMatch(404) }
      let refused = try await stage.findHost()
      try refused.noMatch(429)
      #expect(try (1...30).contains(wait(refused)))
      try await stage.findHost(from: "203.0.113.8").noMatch(404)
      let same = ["X-Forwarded-For": "203.0.113.7"]
      for path in ["/api/hosts", "/api/hosts/ttl"] {
        let list = try await stage.service.http.send("GET", path, headers: same)
        try list.hostRefusal(429)
        #expect(try (1...30).contains(wait(list)))
      }
      // Whoever shows a right secret is no stranger.
      try await stage.hostBeat("pc").hostSuccess()
    }
  }

  @Test("An address that holds three pending reservations hears 429 until one of them is settled")
  func pending() async throws {
    try await Installation.open(settings: Installation.hostSettings) { stage in
      try await stage.hostBeat("pc", #""capacity":9"#).hostSuccess()
      for address in ["203.0.113.7", "2001:db8:1:2::1"] {
        let first = try await stage.findHost(from: address).match()
        for _ in 1...2 { _ = try await stage.findHost(from: address).match() }
        let refused = try await stage.findHost(from: address)
        try refused.noMatch(429)
        #expect(try (1...60).contains(wait(refused)))
        try await stage.settle(first, address.contains(":") ? "release" : "confirm").hostSuccess()
        _ = try await stage.findHost(from: address).match()
      }
      // One household has the whole /64, and the next one is another's.
      try await stage.findHost(from: "2001:db8:1:2:ffff::9").noMatch(429)
      _ = try await stage.findHost(from: "2001:db8:1:3::1").match()
    }
  }
}
