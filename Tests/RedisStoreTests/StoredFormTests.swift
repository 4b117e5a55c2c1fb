import Audit
import Domain
import RedisClient
import RedisStore
import Support
import Testing

@Suite("What lives is kept as packed texts", .timeLimit(.minutes(15)))
struct StoredFormTests {
  /// Together every character that a PC's or a player's name may have.
  private static let labels = [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", ":.-._::--",
  ]

  private func verify(
    _ cafe: Cafe,
    _ token: OneTimeToken,
    _ user: ProviderUserID
  ) async throws -> GameSessionID {
    let key = "a key  with \u{1} blanks "
    let request = VerifyRequest(token: token, user: user, game: cafe.game, idempotencyKey: key)
    guard case .started(let session) = try await cafe.games.verify(request) else {
      throw SupportError("the session was not started")
    }
    return session
  }

  @Test("Names with every permitted character come back as they were given", arguments: labels)
  func names(label: String) async throws {
    try await Cafe.open { cafe in
      let user = try #require(ProviderUserID(label))
      let launcher = try await cafe.startLauncher(pc: label)
      let token = try await cafe.token(launcher)
      let session = try await verify(cafe, token, user)
      #expect(try await verify(cafe, token, user) == session)
      cafe.pass(seconds: 70)
      try await cafe.bill()
      let outcome = try await cafe.games.heartbeat(session, user: user, game: cafe.game.id)
      guard case .alive(let pulse) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(pulse.playSeconds == 70)
      #expect(try await cafe.launchers.heartbeat(launcher)?.gameSession?.id == session)
      for isOver in [false, true] {
        let report = try await cafe.report(session)
        #expect((report.cafe, report.pc.text, report.user) == (Cafe.id, label, user))
        #expect((report.game, report.launcher) == (cafe.game.id, launcher))
        #expect((report.externalAddress, report.billedSeconds) == ("203.0.113.7", 70))
        if !isOver { _ = try await cafe.end(session) }
      }
    }
  }

  @Test("A meter that cannot be read is set aside, and what is due with it is billed")
  func damagedMeter() async throws {
    try await Cafe.open { cafe in
      let (_, damaged) = try await cafe.play(pc: "PC-1")
      let (_, whole) = try await cafe.play(pc: "PC-2")
      let key = "pm:{p\(cafe.partition.number)}:"
      let meter = key + "meter:\(damaged)"
      cafe.pass(seconds: 60)
      for spoil in ["APPEND \(meter) more", "SET \(meter) running"] {
        _ = try await cafe.server.raw("COPY \(meter) kept")
        _ = try await cafe.server.raw(spoil)
        let batch = try await cafe.billing.step(cafe.partition)
        #expect(batch.setAside.map(\.entry) == [damaged.description])
        _ = try await cafe.server.raw("RENAME kept \(meter)")
        _ = try await cafe.server.raw("DEL \(key)aside")
        _ = try await cafe.server.raw("ZADD \(key)due 1 \(damaged)")
      }
      #expect(try await cafe.report(whole).billedSeconds == 60)
      try await cafe.bill()
      #expect(try await cafe.report(damaged).billedSeconds == 60)
      let numbers = try await cafe.link.ledgerLines(in: cafe.partition).map(\.sequence)
      #expect(numbers == Array(1...Int64(numbers.count)))
    }
  }

  @Test("A launcher's heartbeat leaves its deadline; when that comes, it is set to its end of life")
  func launcherDeadline() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      let key = "pm:{p\(cafe.partition.number)}:"
      let due = "ZSCORE \(key)due \(launcher)|\(Cafe.id)|PC-1"
      let first = try await cafe.server.raw(due)
      cafe.pass(seconds: 100)
      #expect(try await cafe.launchers.heartbeat(launcher) != nil)
      try await cafe.bill()
      #expect(try await cafe.server.raw(due) == first)
      cafe.pass(seconds: 141)
      try await cafe.bill()
      #expect(try await cafe.server.raw(due) != first)
      cafe.pass(.milliseconds(98_999))
      try await cafe.bill()
      #expect(try await cafe.launchers.isAlive(launcher))
      cafe.pass(.milliseconds(2))
      try await cafe.bill()
      #expect(try await cafe.server.raw("EXISTS \(key)due \(key)seat:\(launcher)") == ":0\r\n")
    }
  }
}
