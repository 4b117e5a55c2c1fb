import Audit
import Domain
import RedisClient
import RedisStore
import Support
import Testing

/// The service was away, with an outage hold of 60 s. A second of which a part is held is held, so
/// 300.5 s are 301.
@Suite(.timeLimit(.minutes(15)))
struct OutageTests {
  private static let outage = Duration.milliseconds(300_500)

  /// Plays 120 s, both heartbeats at the end.
  private func open(_ body: (Cafe, LauncherSessionID, GameSessionID) async throws -> Void)
    async throws
  {
    try await Cafe.openHolding { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.serve(120, launcher, session)
      try await body(cafe, launcher, session)
    }
  }

  @Test("A gap shorter than the setting is billed as any other time")
  func shortGap() async throws {
    try await open { cafe, _, session in
      cafe.pass(.milliseconds(59_500))
      #expect(try await cafe.pulse(session).playSeconds == 179)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 179, billed: 179, held: 0)
      #expect(try await cafe.lines(.outage).isEmpty)
    }
  }

  @Test("A longer gap is held: the first heartbeat after it is OK, and nobody pays for it")
  func longGap() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(Self.outage)
      #expect(try await cafe.pulse(session).playSeconds == 420)
      #expect(try await cafe.report(session).heldSeconds == 301)
      #expect(try await cafe.server.raw("PTTL \(cafe.sessionKey(session))").hasPrefix(":2"))
      #expect(try await cafe.pulse(session).playSeconds == 420)
      try await cafe.serve(60, launcher, session)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 480, billed: 179, held: 301)
      #expect(try await cafe.balance() == 1_000_000 - 1790)
      let lines = try await cafe.lines(.outage)
      #expect(lines.map { $0.text("reason") } == ["service"])
      let held = (lines[0].integer("held_until") ?? 0) - (lines[0].integer("held_from") ?? 0)
      #expect((300_000...300_600).contains(held))
    }
  }

  @Test("Billing that comes before the heartbeat bills nothing of the gap and ends nobody")
  func billingFirst() async throws {
    try await open { cafe, _, session in
      cafe.pass(Self.outage)
      let balance = try await cafe.balance()
      try await cafe.bill()
      #expect(try await cafe.balance() == balance)
      #expect(try await cafe.report(session).state == .running)
      cafe.pass(seconds: 30)
      try await cafe.bill()
      #expect(try await cafe.pulse(session).playSeconds == 450)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 450, billed: 149, held: 301)
    }
  }

  @Test("A session that never comes back ends one TTL later at its last heartbeat")
  func neverBack() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(Self.outage)
      try await cafe.bill()
      try await cafe.serve(230, launcher)
      #expect(try await cafe.report(session).state == .running)
      try await cafe.serve(15)
      try await cafe.expect(session, .heartbeatTimeout, play: 120, billed: 120, held: 0)
      #expect(try await cafe.beat(session) == .notFound)
    }
  }

  @Test("A session whose TTL ran out in the gap lives, one whose TTL ran out before it does not")
  func ranOutBefore() async throws {
    try await open { cafe, launcher, session in
      let (other, late) = try await cafe.play(pc: "PC-2")
      // The first session's TTL ends after 240 s, the second's begins now.
      try await cafe.serve(120, launcher, late)
      _ = try await cafe.launchers.heartbeat(other)
      try await cafe.serve(115, launcher)
      _ = try await cafe.launchers.heartbeat(other)
      // Still the service is there, but nobody has looked at what is due.
      cafe.pass(.milliseconds(6_700))
      _ = try await cafe.pulse(late)
      cafe.pass(Self.outage)
      #expect(try await cafe.beat(session) == .notFound)
      #expect(try await cafe.pulse(late).playSeconds == 542)
      try await cafe.expect(session, .heartbeatTimeout, play: 120, billed: 120, held: 0)
    }
  }

  @Test("Two gaps between two heartbeats are both held")
  func twoGaps() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(.milliseconds(100_500))
      try await cafe.bill()
      try await cafe.serve(30, launcher)
      cafe.pass(.milliseconds(100_200))
      #expect(try await cafe.pulse(session).playSeconds == 350)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 350, billed: 149, held: 201)
      #expect(try await cafe.lines(.outage).count == 2)
    }
  }

  @Test("A clock that jumps forward by hours is held like an outage")
  func clockJump() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(.milliseconds(36_000_500))
      try await cafe.bill()
      _ = try await cafe.pulse(session)
      #expect(try await cafe.launchers.heartbeat(launcher) != nil)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 36_120, billed: 119, held: 36_001)
    }
  }

  @Test("Two instances at work record one outage")
  func twoInstances() async throws {
    try await open { cafe, _, session in
      let other = RedisBilling(link: cafe.link)
      cafe.pass(Self.outage)
      async let first = cafe.billing.step(cafe.partition)
      async let second = other.step(cafe.partition)
      _ = try await (first, second)
      #expect(try await cafe.lines(.outage).count == 1)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 420, billed: 119, held: 301)
    }
  }

  @Test("A session that is replaced right after the return ends two minutes after its heartbeat")
  func replaced() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(Self.outage)
      let next = try await cafe.play(on: launcher)
      try await cafe.expect(session, .replaced, play: 240, billed: 120, held: 120)
      cafe.pass(.milliseconds(30_500))
      _ = try await cafe.end(next)
      try await cafe.expect(next, .normal, play: 30, billed: 30, held: 0)
    }
  }

  @Test("Each way to end a session right after the return holds the gap")
  func endedAtOnce() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(Self.outage)
      #expect(try await cafe.end(session, request: "a") == .ended(playSeconds: 420))
      #expect(try await cafe.end(session, request: "a") == .ended(playSeconds: 420))
      try await cafe.expect(session, .normal, play: 420, billed: 119, held: 301)
      let second = try await cafe.play(on: launcher)
      cafe.pass(Self.outage)
      #expect(try await cafe.launchers.end(launcher, requestID: "r"))
      try await cafe.expect(second, .launcherExit, play: 300, billed: 0, held: 300)
    }
  }

  @Test("What an operator does while the service is away does not make it look present")
  func operatorMeanwhile() async throws {
    try await open { cafe, _, session in
      let (_, other) = try await cafe.play(pc: "PC-2")
      let (_, third) = try await cafe.play(pc: "PC-3")
      cafe.pass(.milliseconds(100_500))
      _ = try await cafe.administration.endSession(other.description)
      cafe.pass(seconds: 50)
      _ = try await cafe.administration.endSession(third.description)
      cafe.pass(seconds: 50)
      _ = try await cafe.pulse(session)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 320, billed: 119, held: 201)
    }
  }

  @Test("What is held is remembered after the hold has left the partition's list")
  func pruned() async throws {
    try await open { cafe, launcher, session in
      cafe.pass(Self.outage)
      try await cafe.bill()
      try await cafe.serve(30, launcher, session)
      for _ in 0..<3 { try await cafe.serve(120, launcher, session) }
      #expect(try await cafe.clock().holds == "")
      #expect(try await cafe.server.raw("ZCARD \(cafe.key("holds"))") == ":1\r\n")
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 810, billed: 509, held: 301)
    }
  }
}

extension Cafe {
  /// A key of the cafe's partition.
  func key(_ name: String) -> String { "pm:{p\(partition.number)}:\(name)" }

  /// What the clock of the cafe's partition tells.
  func clock() async throws -> PackedClock {
    try #require(PackedClock(try await link.client.send(PackedClock.reading(key("clock")))))
  }

  fileprivate func sessionKey(_ session: GameSessionID) -> String { key("session:\(session)") }
}
