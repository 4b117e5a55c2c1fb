import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite("The life of a host", .serialized, .timeLimit(.minutes(15)))
struct HostExpiryTests {
  /// Some thirty are needed.
  private static let mostLooks = 1_000

  @Test("A host is handed out until its TTL is over, to the millisecond that Redis says")
  func toTheMillisecond() async throws {
    try await HostStage.open { stage in
      for wanted in ["", "pc", "", "pc", "", "pc"] {
        try await stage.beat("pc", capacity: 64)
        var hasFound = false
        var before: Int64 = 0
        var looks = 0
        while before > -2, looks < Self.mostLooks {
          looks += 1
          let look = try await lookFindLook(stage, wanted)
          before = look.before
          if looks == 1 { #expect((29_999...30_001).contains(before)) }
          // 1: the key is written in the millisecond of the script's TIME or in the next.
          if look.isFound { #expect(before >= 0) } else { #expect(look.after <= 1) }
          hasFound = hasFound || look.isFound
          try await releaseLast(stage)
          // Nearer and nearer, the last ones one by one.
          stage.server.clock.advance(by: .milliseconds(max(1, before / 2)))
        }
        #expect(hasFound)
        #expect(looks < Self.mostLooks)
      }
    }
  }

  /// The host's PTTL, whether a find gets it, and its PTTL again, with nothing in between.
  private func lookFindLook(
    _ stage: HostStage,
    _ wanted: String
  ) async throws -> (before: Int64, isFound: Bool, after: Int64) {
    let script = Scripts(timings: Timings()).matchFind
    let look = RedisCommand("PTTL", stage.link.keys.hostsKey(.host, "pc"))
    let id = ReservationID.random().description
    let words = ["fresh", id, "203.0.113.7", "", "", wanted]
    let find = script.command(keys: [stage.link.keys.hostsKey(.clock)], arguments: words)
    let commands = [
      script.library.load, RedisCommand("MULTI"), look, find, look, RedisCommand("EXEC"),
    ]
    let replies = try await stage.link.client.send(pipeline: commands)
    guard case .array(let results) = replies.last, results.count == 3,
      case .integer(let before) = results[0], case .string(let outcome) = results[1],
      case .integer(let after) = results[2]
    else { throw SupportError("unexpected: \(replies)") }
    return (before, outcome.contains(" found "), after)
  }

  private func releaseLast(_ stage: HostStage) async throws {
    for event in try await stage.events().suffix(1) where event.kind == "reservation_pending" {
      _ = try await stage.hosts.release(ReservationID(event.reservation ?? "")!)
    }
  }

  @Test("Only a heartbeat moves the end of a host's life")
  func onlyHeartbeats() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 3)
      let end = try await stage.expiry()
      stage.pass(seconds: 10)
      let first = try await stage.take()
      _ = try await stage.take(host: "pc")
      #expect(try await stage.hosts.confirm(first.reservation))
      for status in HostStatus.allCases { #expect(try await stage.setStatus(status)) }
      #expect(try await stage.hosts.release(first.reservation))
      #expect(try await stage.drain())
      _ = try await stage.list()
      _ = try await stage.hosts.sweep()
      #expect(try await stage.expiry() == end)
      try await stage.beat("pc", capacity: 3)
      #expect(try await (9_900...15_000).contains(stage.expiry() - end))
    }
  }

  @Test("A host that is heard every 25 s lives, and is gone 30 s after it falls silent")
  func silence() async throws {
    try await HostStage.open { stage in
      for _ in 1...4 {
        try await stage.beat("pc")
        stage.pass(seconds: 25)
        #expect(try await stage.report()?.ttlMilliseconds ?? 0 > 2_000)
      }
      stage.pass(seconds: 6)
      #expect(try await stage.list() == [])
      #expect(try await stage.find() == .noneFree)
      #expect(try await stage.find(host: "pc") == .noneFree)
      #expect(try await !stage.setStatus(.idle))
      #expect(try await !stage.leave())
    }
  }

  @Test("A host that leaves is gone at once, and comes back with its next heartbeat")
  func leaving() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      #expect(try await stage.leave())
      #expect(try await !stage.leave())
      #expect(try await stage.list() == [])
      #expect(try await stage.find() == .noneFree)
      try await stage.beat("pc", region: "east")
      #expect(try await stage.find(in: ["local"]) == .noneFree)
      #expect(try await stage.take(in: ["east"]).host.text == "pc")
    }
  }
}
