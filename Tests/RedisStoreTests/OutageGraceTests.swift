import Domain
import RedisStore
import Support
import Testing

/// What else runs out with time: the grace and the launcher's life.
@Suite(.timeLimit(.minutes(15)))
struct OutageGraceTests {
  @Test("A grace that had begun goes on after the outage where it was")
  func grace() async throws {
    try await Cafe.openHolding(balance: 1_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.serve(120, launcher, session)
      #expect(try await cafe.report(session).state == .grace)
      cafe.pass(.milliseconds(29_500))
      _ = try await cafe.pulse(session)
      let before = try await cafe.pulse(session).graceSeconds
      cafe.pass(seconds: 300)
      let after = try await cafe.pulse(session).graceSeconds
      #expect(before == after)
      // Folded into the deadline, it is not counted again.
      #expect(try await cafe.pulse(session).graceSeconds == after)
      try await cafe.serve(60, launcher, session)
      cafe.pass(seconds: 40)
      #expect(try await cafe.beat(session) == .ending)
      let report = try await cafe.report(session)
      #expect(report.endReason == .chargeExhausted)
      #expect(report.heldSeconds == 300 || report.heldSeconds == 301)
      #expect(report.billedSeconds == 100)
      #expect(report.playSeconds == 100 + report.unbilledGraceSeconds + report.heldSeconds)
    }
  }

  @Test("A top-up after the outage resumes a session whose grace would have been over")
  func toppedUp() async throws {
    try await Cafe.openHolding(balance: 1_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.serve(120, launcher, session)
      cafe.pass(.milliseconds(300_500))
      try await cafe.topUp(100_000, ref: "late")
      #expect(try await cafe.pulse(session).graceSeconds == nil)
      _ = try await cafe.end(session)
      try await cafe.expect(session, .normal, play: 420, billed: 119, held: 301)
    }
  }

  @Test("A grace that was over before the outage stays over")
  func graceBefore() async throws {
    try await Cafe.openHolding(balance: 1_000) { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.serve(120, launcher, session)
      try await cafe.serve(115, launcher, session)
      cafe.pass(.milliseconds(7_500))
      _ = try await cafe.launchers.heartbeat(launcher)
      cafe.pass(.milliseconds(300_500))
      #expect(try await cafe.beat(session) == .ending)
      let report = try await cafe.report(session)
      #expect(report.heldSeconds == 0)
      #expect(report.playSeconds == 240)
    }
  }

  @Test("A launcher that comes back after the outage keeps its session and its game")
  func launcher() async throws {
    try await Cafe.openHolding { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.serve(120, launcher, session)
      cafe.pass(.milliseconds(300_500))
      #expect(try await cafe.launchers.isAlive(launcher))
      let pulse = try await cafe.launchers.heartbeat(launcher)
      #expect(pulse?.gameSession?.id == session)
      let ttl = try await cafe.server.raw("PTTL \(cafe.key("launcher:\(launcher)"))")
      #expect(ttl.hasPrefix(":239") || ttl.hasPrefix(":240"))
      #expect(try await cafe.server.raw("PTTL \(cafe.key("seat:\(launcher)"))") == ":-1\r\n")
      try await cafe.serve(180, nil, session)
      _ = try await cafe.token(launcher)
    }
  }

  @Test("A launcher that stays away gets one TTL, then it and its game are gone")
  func silentLauncher() async throws {
    try await Cafe.openHolding { cafe in
      let (launcher, session) = try await cafe.play()
      let idle = try await cafe.startLauncher(pc: "PC-2")
      try await cafe.serve(120, launcher, session)
      _ = try await cafe.launchers.heartbeat(idle)
      cafe.pass(.milliseconds(300_500))
      try await cafe.bill()
      try await cafe.serve(120, nil, session)
      try await cafe.serve(115, nil, session)
      #expect(try await cafe.launchers.isAlive(launcher))
      try await cafe.serve(10)
      #expect(try await !cafe.launchers.isAlive(launcher))
      #expect(try await !cafe.launchers.isAlive(idle))
      try await cafe.expect(session, .launcherTimeout, play: 655, billed: 354, held: 301)
      #expect(try await cafe.server.raw("EXISTS \(cafe.key("seat:\(idle)"))") == ":0\r\n")
    }
  }

  @Test("A launcher that was silent for too long before the outage is not revived")
  func launcherBefore() async throws {
    try await Cafe.openHolding { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.serve(120, nil, session)
      try await cafe.serve(115, nil, session)
      cafe.pass(.milliseconds(6_500))
      let other = try await cafe.startLauncher(pc: "PC-2")
      cafe.pass(.milliseconds(300_500))
      #expect(try await cafe.launchers.heartbeat(launcher) == nil)
      #expect(try await cafe.launchers.heartbeat(other) != nil)
      #expect(try await cafe.beat(session) == .ended)
      try await cafe.expect(session, .launcherTimeout, play: 235, billed: 235, held: 0)
    }
  }
}
