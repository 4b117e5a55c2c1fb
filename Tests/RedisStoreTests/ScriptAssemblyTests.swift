import Domain
import RedisClient
import Testing

@testable import RedisStore

@Suite("Scripts are put together")
struct ScriptAssemblyTests {
  private static let settings = ScriptSettings(timings: Timings())
  private let assembly = ScriptAssembly(settings: settings)

  private func name(_ text: String, _ assembly: ScriptAssembly) -> String {
    assembly.scripts(texts: [("test", text)]).library.name
  }

  @Test("A script has every module, each once, and the values of key names and settings")
  func modules() async throws {
    let text = """
      local p = registry.open(KEYS[1], 'fresh')
      return { int(10 ^ 15), number(ARGV[1], 'one'), KEY.lapses, SETTING.host_ttl, p.news }

      """
    let script = assembly.scripts(texts: [("test", text)])["test"]
    try await HostStage.open { stage in
      let keys = [stage.link.keys.hostsKey(.clock)]
      let reply = try await stage.link.client.run(script, keys: keys, arguments: ["1"])
      guard case .array(let items) = reply, items.count == 5 else {
        Issue.record("\(reply)")
        return
      }
      #expect(items[0] == .string("1000000000000000"))
      #expect(items[1] == .integer(1))
      #expect(items[2] == .string("lapses"))
      #expect(items[3] == .integer(30_000))
    }
  }

  @Test("Another text, another setting and another rule have another name")
  func names() {
    let first = name("return 1\n", assembly)
    #expect(first == name("return 1\n", ScriptAssembly(settings: Self.settings)))
    #expect(first != name("return 2\n", assembly))
    var timings = Timings()
    timings.hostTTL = .seconds(31)
    let other = ScriptSettings(timings: timings)
    #expect(first != name("return 1\n", ScriptAssembly(settings: other)))
    let broken = ScriptAssembly(settings: Self.settings) { $0.replacing("floor", with: "ceil") }
    #expect(first != name("return 1\n", broken))
  }
}
