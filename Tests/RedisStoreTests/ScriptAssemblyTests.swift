import Domain
import RedisClient
import Testing

@testable import RedisStore

@Suite("Scripts are put together")
struct ScriptAssemblyTests {
  private let assembly = ScriptAssembly(settings: ScriptSettings(timings: Timings()))

  @Test("A library stands where it is first used, once, after those that it uses")
  func place() throws {
    let text = """
      #!lua
      -- Uses: registry
      local first = 1
      -- Uses: registry, reservation
      local second = 2

      """
    let source = assembly.script("test", text: text).source
    let marks = [
      "#!lua\n", "local registry = {}", "local first", "local host = {}", "local reservation = {}",
      "local second",
    ]
    let places = try marks.map { try #require(source.firstRange(of: $0)?.lowerBound) }
    #expect(places == places.sorted())
    #expect(source.ranges(of: "local registry = {}").count == 1)
    #expect(source.hasPrefix("#!lua\n"))
  }

  @Test("Functions that a script leads to are there, and no others")
  func reachable() throws {
    let text = """
      #!lua
      -- Uses: roster
      -- Nobody calls host.load.
      roster.index(p, h)

      """
    let source = assembly.script("test", text: text).source
    // That one calls all of these.
    for name in ["roster.index", "host.free", "host.standing", "host.move", "registry.key"] {
      #expect(source.ranges(of: "function \(name)(").count == 1, "\(name)")
    }
    for name in ["roster.count", "roster.save", "host.load", "registry.open"] {
      #expect(!source.contains("function \(name)("), "\(name)")
    }
  }

  @Test("A heartbeat that says nothing new is answered before the functions of the rest are built")
  func heartbeat() throws {
    let source = Scripts(timings: Timings()).hostHeartbeat.source
    let answer = try #require(source.firstRange(of: "return { p.news }"))
    let rest = try #require(source.firstRange(of: "local host = {}"))
    #expect(answer.lowerBound < rest.lowerBound)
  }
}
