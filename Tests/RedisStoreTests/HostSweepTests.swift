import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite("What dead hosts leave, and what a find costs", .serialized, .timeLimit(.minutes(15)))
struct HostSweepTests {
  /// Keys that stay when every host is gone.
  private static let lasting: Set<String> = ["epoch", "events", "tally"]

  @Test("Leftovers of dead hosts go in batches of 50, and nothing of them stays")
  func batches() async throws {
    try await HostStage.open { stage in
      try await stage.beatMany(120)
      for _ in 1...5 { _ = try await stage.take() }
      try await expectSweep(stage, removes: 0, leavesMore: false)
      stage.pass(seconds: 61)
      try await expectSweep(stage, removes: 50, leavesMore: true)
      try await expectSweep(stage, removes: 50, leavesMore: true)
      try await expectSweep(stage, removes: 20, leavesMore: false)
      let prefix = stage.link.keys.hostsKey(.host).dropLast("host:".count)
      let keys = try await stage.server.raw("KEYS *").split(separator: "\r\n")
      let names = keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
      #expect(Set(names) == Self.lasting)
    }
  }

  private func expectSweep(
    _ stage: HostStage,
    removes count: Int64,
    leavesMore: Bool
  ) async throws {
    let (removed, isMoreLeft) = try await stage.hosts.sweep()
    #expect(removed == count)
    #expect(isMoreLeft == leavesMore)
  }

  @Test("Hosts that register again during the sweep are kept, and each death is told once")
  func registeringAgain() async throws {
    try await HostStage.open(instances: 3) { stage in
      try await stage.beatMany(200)
      stage.pass(seconds: 31)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for sweeper in stage.instances.suffix(2) {
          group.addTask { while try await sweeper.sweep().isMoreLeft {} }
        }
        for number in 1...100 { group.addTask { try await stage.beat("pc-\(2 * number)") } }
        try await group.waitForAll()
      }
      while try await stage.hosts.sweep().isMoreLeft {}
      let living = Set(try await stage.list().map(\.id.text))
      #expect(living == Set((1...100).map { "pc-\(2 * $0)" }))
      let deaths = try await stage.events().filter { $0.kind == "host_expired" }.map(\.host)
      #expect(deaths.count == 200)
      #expect(Set(deaths).count == 200)
      for _ in 1...100 { _ = try await stage.take() }
    }
  }

  @Test("Hosts that an instance with a longer TTL keeps are not swept by one with a shorter")
  func longerTTL() async throws {
    try await HostStage.open { stage in
      var timings = Timings()
      timings.hostTTL = .seconds(60)
      let scripts = Scripts(timings: timings)
      let link = RedisLink(client: stage.link.client, keys: stage.link.keys, scripts: scripts)
      for number in 1...60 {
        let beat = HostBeat(
          id: HostID("pc-\(number)")!,
          room: RoomID("room")!,
          region: Region("local")!,
          status: nil,
          capacity: 1,
          availableSlots: nil
        )
        try await RedisHosts(link: link).heartbeat(beat)
      }
      stage.pass(seconds: 31)
      try await expectSweep(stage, removes: 0, leavesMore: false)
      #expect(try await stage.list().count == 60)
    }
  }

  @Test("A list comes page by page, in order, each host once")
  func pages() async throws {
    try await HostStage.open { stage in
      try await stage.beatMany(450)
      try await stage.beatMany(30, "west", region: "west")
      #expect(try await stage.setStatus(.busy, "pc-7"))
      let wanted = HostFilter(region: Region("local"))
      var cursor: String?
      var names: [String] = []
      repeat {
        let request = PageRequest(cursor: cursor, limit: 70)
        let page = try await stage.hosts.hosts(wanted, request)
        #expect(page.rows.count <= 70)
        names += page.rows.map(\.id.text)
        cursor = page.nextCursor
      } while cursor != nil
      #expect(names == (1...450).filter { $0 != 7 }.map { "pc-\($0)" }.sorted())
      let busy = try await stage.hosts.hosts(HostFilter(selection: .busy), PageRequest())
      #expect(busy.rows.map(\.id.text) == ["pc-7"])
    }
  }

  @Test("A find takes as many commands among 100,000 hosts as among 100")
  func cost() async throws {
    try await HostStage.open { stage in
      try await stage.beatMany(100)
      _ = try await commands(stage, key: "0123456789abcdef")  // Loads the script.
      let few = try await commands(stage, key: "0123456789abcde1")
      try await stage.loadHosts(100_000)
      let many = try await commands(stage, key: "0123456789abcde2")
      #expect(few == many)
      // Some ten to twenty, and one that starts the script.
      #expect(few.allSatisfy { (10...25).contains($0) })
      // Every reservation was released; reading 100,000 events to see that would take longer than
      // the test.
      _ = try await stage.server.raw("DEL \(stage.link.keys.hostsKey(.events))")
    }
  }

  /// Redis commands of one find: of any host, in the second region, of one that is named, and with
  /// an idempotency key.
  private func commands(_ stage: HostStage, key: String) async throws -> [Int] {
    let finds = [
      { try await stage.take() }, { try await stage.take(in: ["east", "local"]) },
      { try await stage.take(host: "pc-7") }, { try await stage.take(key: key) },
    ]
    var counts: [Int] = []
    for find in finds {
      // The first find of a second also looks at the regions.
      stage.pass(seconds: 1)
      var match: Match?
      counts.append(try await stage.commands { match = try await find() }.all)
      #expect(try await stage.hosts.release(try #require(match).reservation))
    }
    return counts
  }
}
