import Domain
import Support
import Testing

@testable import RedisStore

@Suite("The choice of a host", .serialized, .timeLimit(.minutes(15)))
struct HostChoiceTests {
  @Test("A region is strict, fallbacks are tried in their order, and no region means any")
  func regions() async throws {
    try await HostStage.open { stage in
      for region in ["west", "east", "north"] { try await stage.beat(region, region: region) }
      #expect(try await stage.find(in: ["south"]) == .noneFree)
      #expect(try await stage.take(in: ["south", "east", "west"]).host.text == "east")
      #expect(try await stage.find(in: ["east"]) == .noneFree)
      #expect(try await stage.take(in: ["east", "west", "north"]).region.text == "west")
      #expect(try await stage.take().host.text == "north")
      #expect(try await stage.find() == .noneFree)
    }
  }

  @Test("A wanted host is the one that is given, or none is")
  func wantedHost() async throws {
    try await HostStage.open { stage in
      try await stage.beat("one", region: "east")
      try await stage.beat("two", region: "west")
      #expect(try await stage.find(host: "three") == .noneFree)
      #expect(try await stage.find(host: "two", in: ["east"]) == .noneFree)
      #expect(try await stage.take(host: "two", in: ["east", "west"]).host.text == "two")
      #expect(try await stage.find(host: "two") == .noneFree)
      #expect(try await stage.take(host: "one").host.text == "one")
    }
  }

  @Test("A host that moves to another region is found there and only there")
  func move() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", region: "east", capacity: 2)
      try await stage.beat("pc", region: "west", capacity: 2)
      #expect(try await stage.find(in: ["east"]) == .noneFree)
      #expect(try await stage.take(in: ["west"]).region.text == "west")
      stage.pass(seconds: 31)
      try await stage.beat("pc", region: "north", capacity: 2)
      #expect(try await stage.find(in: ["west"]) == .noneFree)
      #expect(try await stage.take(in: ["north"]).region.text == "north")
      #expect(try await stage.leave())
      let keys = try await stage.server.raw("KEYS *free*")
      #expect(keys == "*0\r\n")
    }
  }

  @Test("One host of the wanted region among 1,001 is always found")
  func needle() async throws {
    try await HostStage.open { stage in
      try await stage.beat("needle", region: "west")
      try await stage.beatMany(1_000, region: "east", capacity: 64)
      for _ in 1...100 {
        let match = try await stage.take(in: ["west"])
        #expect(match.host.text == "needle")
        #expect(try await stage.hosts.release(match.reservation))
      }
    }
  }

  @Test("Clients spread over the free hosts")
  func spread() async throws {
    try await HostStage.open { stage in
      try await stage.beatMany(8, capacity: 64)
      var counts: [String: Int] = [:]
      for _ in 1...200 { counts[try await stage.take().host.text, default: 0] += 1 }
      // A fair choice misses one of eight in 200 draws, or gives it 60, less than once in 10^8.
      #expect(counts.count == 8)
      #expect(counts.values.max() ?? 0 < 60)
    }
  }

  @Test("A region in which a host appears is found at once, and chosen like others a second later")
  func newRegion() async throws {
    try await HostStage.open { stage in
      try await stage.beat("only", region: "east", capacity: 2)
      #expect(try await stage.take().region.text == "east")
      #expect(try await stage.take().region.text == "east")
      try await stage.beat("new", region: "west", capacity: 64)
      #expect(try await stage.take().region.text == "west")
      stage.pass(seconds: 2)
      try await stage.beatMany(9, "more", region: "east", capacity: 64)
      stage.pass(seconds: 2)
      var regions: Set<String> = []
      for _ in 1...40 { regions.insert(try await stage.take().region.text) }
      #expect(regions == ["east", "west"])
    }
  }

  @Test("Whoever accepts any region gets hosts of all regions, most often of those with most")
  func anyRegion() async throws {
    try await HostStage.open { stage in
      try await stage.beatMany(2, "east", region: "east", capacity: 64)
      try await stage.beatMany(8, "west", region: "west", capacity: 64)
      var counts: [String: Int] = [:]
      for _ in 1...200 { counts[try await stage.take().region.text, default: 0] += 1 }
      // 40 and 160 are fair, with a standard deviation of 6.
      #expect((5...75).contains(counts["east", default: 0]))
      #expect(counts["west", default: 0] == 200 - counts["east", default: 0])
    }
  }

  @Test("A host that was heard long ago is chosen only when no fresh one is left")
  func fresh() async throws {
    try await HostStage.open { stage in
      try await stage.beat("old", capacity: 64)
      stage.pass(seconds: 20)
      try await stage.beatMany(16, "fresh", capacity: 64)
      for _ in 1...48 { #expect(try await stage.take().host.text != "old") }
      for number in 1...16 { #expect(try await stage.setStatus(.busy, "fresh-\(number)")) }
      #expect(try await stage.take().host.text == "old")
    }
  }
}
