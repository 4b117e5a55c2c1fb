import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

/// Nobody swept for a while, as when every instance was away: one find meets everything that ended
/// meanwhile.
@Suite("When much has ended at once", .serialized, .timeLimit(.minutes(15)))
struct HostBacklogTests {
  /// What one script may ask of Redis; about two milliseconds' worth.
  private static let mostCommands = 2_000

  /// Hosts that need not be heard again before their reservations are over.
  private static var timings: Timings {
    var timings = Timings()
    timings.hostTTL = .seconds(120)
    return timings
  }

  /// As many reservations that are over, on live hosts with 64 slots each, which an operator
  /// drains. After them, if that is wanted, one on the host `late`; otherwise that one is free, and
  /// in another region.
  private func withBacklog(
    _ count: Int,
    late: Bool,
    _ body: (HostStage) async throws -> Void
  ) async throws {
    try await HostStage.open(timings: Self.timings) { stage in
      let hosts = (count + 63) / 64
      try await stage.loadHosts(hosts, "full", capacity: 64)
      try await stage.loadReservations(count)
      for number in 1...hosts { #expect(try await stage.drain("full-\(number)")) }
      stage.server.clock.advance(by: .milliseconds(5))
      try await stage.beat("late", region: late ? "local" : "east")
      if late { _ = try await stage.take(host: "late") }
      stage.pass(seconds: 61)
      try await body(stage)
    }
  }

  @Test("The last of 2,001 reservations that are over gives its host to a find, in short steps")
  func found() async throws {
    try await withBacklog(2_000, late: true) { stage in
      var match: Match?
      let (steps, commands) = try await stage.commands { match = try await stage.take() }
      #expect(match?.host.text == "late")
      // 96 reservations each.
      #expect(steps == 21)
      #expect(commands / steps < Self.mostCommands)
    }
  }

  @Test("A host that is named, or is in the named region, is found there as well")
  func named() async throws {
    try await withBacklog(500, late: true) { stage in
      let match = try await stage.take(host: "late")
      #expect(match.host.text == "late")
    }
    try await withBacklog(500, late: true) { stage in
      let match = try await stage.take(in: ["east", "local"])
      #expect(match.host.text == "late")
    }
  }

  @Test("A find says that there is none only when it knows; until then it is 503")
  func unknownYet() async throws {
    try await withBacklog(20_000, late: false) { stage in
      await #expect(throws: ServiceFault.unavailable("too many reservations lapse at once")) {
        try await stage.find(in: ["local"])
      }
      let second = try await stage.find(in: ["local"])
      #expect(second == .noneFree)
      let match = try await stage.take()
      #expect(match.host.text == "late")
    }
  }

  @Test("Leftovers of dead hosts in the sets of free hosts hide no live one")
  func leftovers() async throws {
    try await HostStage.open { stage in
      // Loads the script.
      #expect(try await stage.find() == .noneFree)
      try await stage.beat("living", region: "west")
      stage.server.clock.advance(by: .milliseconds(5))
      try await stage.loadHosts(1_000, "dead", region: "west")
      // As an instance leaves them that gives its hosts a shorter life.
      for number in 1...1_000 {
        let key = stage.link.keys.hostsKey(.host, "dead-\(number)")
        _ = try await stage.link.client.send(RedisCommand("DEL", key))
      }
      var match: Match?
      let (steps, commands) = try await stage.commands {
        match = try await stage.take(in: ["west"])
      }
      #expect(match?.host.text == "living")
      // 8 looks of 16 each.
      #expect(steps == 8)
      #expect(commands / steps < Self.mostCommands)
    }
  }

  @Test("A sweep ends at most 127 reservations of dead hosts, and goes on with the next")
  func sweep() async throws {
    try await HostStage.open { stage in
      try await stage.loadHosts(6, capacity: 63)
      try await stage.loadReservations(6 * 63)
      stage.pass(seconds: 31)
      for left in [4, 2, 0] {
        let (removed, isMoreLeft) = try await stage.hosts.sweep()
        #expect(removed == 2)
        #expect(isMoreLeft == (left > 0))
        let ended = try await stage.events().filter { $0.kind == "reservation_ended" }
        #expect(ended.count == (6 - left) * 63)
      }
    }
  }
}
