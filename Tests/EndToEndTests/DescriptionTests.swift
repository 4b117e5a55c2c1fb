import Signatures
import Support
import Testing

/// The service is what its OpenAPI description says: schemathesis reads that, and then sends right
/// requests, wrong ones, and chains of them, and looks at each answer.
@Suite(.timeLimit(.minutes(15)))
struct DescriptionTests {
  /// Nothing may be refused because it came too fast.
  private static let settings = Installation.unlimitedHostSettings.merging([
    "PLAYMETER_RATE_LIMIT_PER_KEY": "off", "PLAYMETER_RATE_LIMIT_PER_CAFE": "off",
    "PLAYMETER_TURN_URLS": "turn:turn.example:3478", "PLAYMETER_TURN_SECRET": "north",
    "PLAYMETER_STUN_URLS": "stun:stun.example:3478",
  ]) { $1 }

  private func expectAsDescribed(
    _ listener: HTTPSession,
    of stage: Installation,
    _ filters: [String],
    settings: [String: String]
  ) async throws {
    let result = try await Schemathesis.run(
      listener,
      by: stage.service.http,
      filters,
      settings: settings
    )
    #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
  }

  /// Expects that every route was passed some times: requests that never get as far as the rule
  /// prove little.
  private func expectSuccesses(_ stage: Installation) async throws {
    let scrape = try await stage.scrape()
    let requests = "playmeter_http_requests_total"
    let routes = scrape.samples.keys.compactMap { key in
      key.firstMatch(of: /_total{listener="public",method="(\w+)",route="(\/(?:v1|api)\/[^"]*)"/)
        .map { "\($0.1) \($0.2)" }
    }
    #expect(Set(routes).count == 15)
    for route in Set(routes) {
      let parts = route.split(separator: " ").map(String.init)
      let count = scrape.sum(
        requests,
        ["listener": "public", "method": parts[0], "route": parts[1], "status": "200"]
      )
      #expect(count >= 3, "\(route)")
    }
  }

  @Test("Games, launchers, hosts and clients are answered as the description says")
  func publicListener() async throws {
    try await Installation.open(settings: Self.settings) { stage in
      let cafe = try await stage.cafe(balance: 1_000_000_000, networks: ["127.0.0.0/8"])
      let settings = [
        "URL": "http://127.0.0.1:\(stage.service.publicPort)",
        "API_KEY": stage.skyfall.key,
        "GAME": stage.skyfall.id,
        "CAFE": cafe.id,
        "LAUNCHER_SECRET": Hex.encode(cafe.secret),
        "HOST_SECRET": Installation.hostSecret,
      ]
      let filters = ["--exclude-tag", "Operator"]
      try await expectAsDescribed(stage.service.http, of: stage, filters, settings: settings)
      try await expectSuccesses(stage)
    }
  }

  @Test("Operators are answered as the description says")
  func managementListener() async throws {
    try await Installation.open(settings: Self.settings) { stage in
      let play = try await stage.cafe("gangnam-01").play()
      #expect(try await stage.hostBeat("seoul-pc-12").status == 200)
      let settings = ["ADMIN_TOKEN": Installation.adminToken, "SESSION": play.id]
      let filters = ["--include-tag", "Operator"]
      let management = stage.service.management
      try await expectAsDescribed(management, of: stage, filters, settings: settings)
    }
  }
}
