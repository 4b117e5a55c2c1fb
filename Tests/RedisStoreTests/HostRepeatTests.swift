import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

/// A call whose connection broke is made again as it was, with the identifier of the first time.
@Suite("A find that is repeated", .serialized, .timeLimit(.minutes(15)))
struct HostRepeatTests {
  private static let id = "rv_00000000-0000-8000-8000-000000000001"

  /// What the script answers to this find, after its news.
  private func find(_ stage: HostStage) async throws -> [String] {
    let words = ["fresh", Self.id, "203.0.113.7", "3"]
    let clock = stage.link.keys.hostsKey(.clock)
    var reply = try await stage.link.run(stage.link.scripts.matchFind, clock: clock, words)
    var values: [String] = []
    while !reply.isAtEnd { values.append(try reply.text()) }
    return Array(values.dropFirst())
  }

  @Test("It is answered as the first time, and reserves nothing more")
  func repeated() async throws {
    try await HostStage.open(pendingPerAddress: 3) { stage in
      for number in 1...20 { try await stage.beat("pc-\(number)") }
      let first = try await find(stage)
      #expect(first.starts(with: ["found", Self.id]))
      for _ in 1...3 { #expect(try await find(stage) == first) }
      #expect(try await stage.events().filter { $0.kind == "reservation_pending" }.count == 1)
      #expect(try await stage.list().filter { $0.availableSlots == 0 }.count == 1)
    }
  }

  @Test("An identifier that is given out again keeps its slot for its own 60 s")
  func givenOutAgain() async throws {
    try await HostStage.open { stage in
      let id = try #require(ReservationID(Self.id))
      try await stage.beat("pc")
      _ = try await find(stage)
      #expect(try await stage.hosts.release(id))
      stage.pass(seconds: 29)
      try await stage.beat("pc")
      _ = try await find(stage)
      for _ in 1...2 {
        stage.pass(seconds: 16)
        try await stage.beat("pc")
      }
      #expect(try await stage.free() == 0)
      stage.pass(seconds: 29)
      try await stage.beat("pc")
      #expect(try await stage.free() == 1)
      let ends = try await stage.events().compactMap(\.reason)
      #expect(ends == ["released", "lapsed"])
      _ = try await stage.server.raw("DEL \(stage.link.keys.hostsKey(.events))")
    }
  }

  @Test("When both of its times are over at once it still ends once")
  func twoEntries() async throws {
    try await HostStage.open { stage in
      let id = try #require(ReservationID(Self.id))
      try await stage.beat("pc")
      _ = try await find(stage)
      #expect(try await stage.hosts.release(id))
      _ = try await find(stage)
      stage.pass(seconds: 61)
      try await stage.beat("pc")
      #expect(try await stage.free() == 1)
      let ends = try await stage.events().compactMap(\.reason)
      #expect(ends == ["released", "lapsed"])
      _ = try await stage.server.raw("DEL \(stage.link.keys.hostsKey(.events))")
    }
  }

  @Test("When its host has died meanwhile it gets another, and the first keeps nothing of it")
  func otherHost() async throws {
    try await HostStage.open { stage in
      try await stage.beat("first")
      #expect(try await find(stage)[2] == "first")
      #expect(try await stage.leave("first"))
      try await stage.beat("first")
      #expect(try await find(stage)[2] == "first")
      stage.pass(seconds: 31)
      try await stage.beat("second")
      #expect(try await find(stage)[2] == "second")
      try await stage.beat("first", capacity: 2)
      #expect(try await stage.free("first") == 2)
      #expect(try await stage.free("second") == 0)
      let id = try #require(ReservationID(Self.id))
      #expect(try await stage.hosts.release(id))
      // Each of the three has its own end; the audit at the end knows one for each identifier.
      let ends = try await stage.events().compactMap(\.reason)
      #expect(ends == ["left", "expired", "released"])
      _ = try await stage.server.raw("DEL \(stage.link.keys.hostsKey(.events))")
    }
  }
}
