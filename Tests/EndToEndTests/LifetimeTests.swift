import Support
import Testing

/// The keys' real TTLs, as Redis tells them.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct LifetimeTests {
  /// What is left of so many seconds, give or take what the test itself takes.
  private func expect(
    _ key: String,
    _ seconds: Int,
    _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let left = try await Installation.shared.pttl(key)
    #expect((seconds * 1000 - 900...seconds * 1000).contains(left), sourceLocation: location)
  }

  @Test("A game session lives 240 s from verify and from each heartbeat, and is gone on time")
  func session() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    let key = try play.key()
    try await expect(key, 240)
    stage.pass(seconds: 100)
    try await expect(key, 140)
    try await play.beatBoth()
    try await expect(key, 240)
    stage.pass(seconds: 120)
    try await play.beatBoth()
    try await expect(key, 240)
    stage.pass(seconds: 239)
    #expect(try await (1...1_500).contains(stage.pttl(key)))
    stage.pass(seconds: 2)
    #expect(try await stage.pttl(key) == -2)
    try await play.waitUntil("ended")
    let report = try await play.report()
    #expect(try report.integer("play_duration_sec") == 220)
    #expect(try report.integer("charged_mgcoin") == 230_000 * 220 / 3600)
  }

  @Test("A launcher session lives 240 s from its start and from each heartbeat")
  func launcher() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    let key = try launcher.cafe.key("launcher:\(launcher.id)")
    try await expect(key, 240)
    stage.pass(seconds: 100)
    try await expect(key, 140)
    _ = try await launcher.heartbeat().success()
    try await expect(key, 240)
    stage.pass(seconds: 241)
    #expect(try await stage.pttl(key) == -2)
  }

  @Test("A one-time token lives 60 s; a used one is remembered for ten minutes")
  func token() async throws {
    let stage = try Installation.shared
    let launcher = try await stage.cafe().startLauncher()
    let unused = try launcher.cafe.key("ott:\(try await launcher.ott())")
    try await expect(unused, 60)
    let token = try await launcher.ott()
    let used = try launcher.cafe.key("ott:\(token)")
    _ = try await stage.verify(token).success()
    try await expect(used, 600)
    stage.pass(seconds: 61)
    #expect(try await stage.pttl(unused) == -2)
    try await expect(used, 539)
  }

  @Test("Neither the billing worker nor a refused heartbeat renews anything")
  func noRenewal() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    stage.pass(seconds: 61)
    try await Waiting.until("a tick", within: .seconds(20)) {
      try await play.report().integer("billable_sec") >= 60
    }
    try await play.beat(user: "2002").refusal(404, "SESSION_NOT_FOUND")
    _ = try await play.launcher.heartbeat().success()
    stage.pass(seconds: 59)
    try await expect(try play.key(), 120)
  }

  @Test("Nothing that money depends on ever expires by itself")
  func money() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play()
    let cafe = play.launcher.cafe
    let names = [
      "meter:\(play.id)", "cafe:\(cafe.id)", "refs:\(cafe.id)", "due", "ledger", "clock",
    ]
    for name in names {
      #expect(try await stage.pttl(cafe.key(name)) == -1, "\(name)")
    }
  }
}
