import Domain
import RedisClient
import Testing

@testable import RedisStore

/// The keys' real TTLs, as Redis tells them.
@Suite(.timeLimit(.minutes(15)))
struct LifetimeTests {
  private func ttl(_ cafe: Cafe, _ name: Keys.Name, _ id: String) async throws -> Int64 {
    let key = cafe.link.keys.key(name, id, in: cafe.partition)
    guard case .integer(let left) = try await cafe.link.client.send(RedisCommand("PTTL", key))
    else {
      return 0
    }
    return left
  }

  /// A little less than the TTL, since a few milliseconds have passed.
  private func fresh(_ seconds: Int64) -> ClosedRange<Int64> {
    seconds * 1000 - 500...seconds * 1000
  }

  @Test("A session lives 240 s from verify and from each heartbeat, and is gone on time")
  func sessionTTL() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      #expect(fresh(240).contains(try await ttl(cafe, .session, session.description)))
      cafe.pass(seconds: 100)
      #expect(fresh(140).contains(try await ttl(cafe, .session, session.description)))
      _ = try await cafe.beat(session)
      _ = try await cafe.launchers.heartbeat(launcher)
      #expect(fresh(240).contains(try await ttl(cafe, .session, session.description)))
      #expect(fresh(240).contains(try await ttl(cafe, .launcher, launcher.description)))
      cafe.pass(seconds: 239)
      #expect(try await ttl(cafe, .session, session.description) > 0)
      cafe.pass(seconds: 2)
      #expect(try await ttl(cafe, .session, session.description) == -2)
      try await cafe.bill()
      #expect(try await cafe.report(session).endReason == .heartbeatTimeout)
    }
  }

  @Test("A billing step does not renew a session")
  func billingRenewsNothing() async throws {
    try await Cafe.open { cafe in
      let (_, session) = try await cafe.play()
      cafe.pass(seconds: 60)
      try await cafe.bill()
      #expect(fresh(180).contains(try await ttl(cafe, .session, session.description)))
    }
  }

  @Test("A token lives 60 s; a used one is remembered for ten minutes")
  func tokenTTL() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      let used = try await cafe.token(launcher)
      let unused = try await cafe.token(launcher)
      #expect(fresh(60).contains(try await ttl(cafe, .ott, used.description)))
      _ = try await cafe.verify(used)
      #expect(fresh(600).contains(try await ttl(cafe, .ott, used.description)))
      cafe.pass(seconds: 61)
      #expect(try await cafe.verify(unused) == .refused(.expired))
      #expect(try await cafe.verify(used) == .refused(.alreadyUsed))
      cafe.pass(seconds: 540)
      #expect(try await cafe.verify(used) == .refused(.expired))
    }
  }

  @Test("The record of an ended session is kept for 40 days; after it the ledger tells the same")
  func recordTTL() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      cafe.pass(seconds: 10)
      _ = try await cafe.end(session)
      _ = try await cafe.launchers.end(launcher, requestID: "r")
      #expect(fresh(40 * 86_400).contains(try await ttl(cafe, .record, session.description)))
      #expect(try await cafe.administration.listSessions(.init(), .init()).rows.count == 1)
      let report = try await cafe.report(session)
      cafe.pass(seconds: 40 * 86_400 + 1)
      #expect(try await ttl(cafe, .record, session.description) == -2)
      #expect(try await cafe.administration.listSessions(.init(), .init()).rows.isEmpty)
      #expect(try await cafe.report(session) == report)
      let unknown = GameSessionID.random(in: cafe.partition)
      await #expect(throws: AdministrationError.sessionNotFound(unknown.description)) {
        try await cafe.report(unknown)
      }
    }
  }
}
