import Domain
import RedisClient
import Support

@testable import RedisStore

/// Many at once, for tests of what a great number costs. The scripts themselves, called in a loop
/// within Redis: of single calls most of the time is the test's own.
extension HostStage {
  /// Calls within one script; some 30 ms.
  private static let callsAtOnce = 1_000

  /// Signs of life of many idle hosts, named `<name>-1` and so on.
  func loadHosts(
    _ count: Int,
    _ name: String = "pc",
    region: String = "local",
    capacity: Int = 1
  ) async throws {
    let beat = ["\(name)-%d", region, "room \(region) \(capacity)  idle "]
    try await callMany(PackageResources.host_heartbeat_lua, count, beat)
  }

  /// Finds of any host, each of another address; there must be slots for all.
  func loadReservations(_ count: Int) async throws {
    let find = ["rv_00000000-0000-8000-8000-%012x", "client-%d"]
    try await callMany(PackageResources.match_find_lua, count, find)
  }

  /// Calls the script of a file with the numbers from 1 on in place of the arguments' `%`.
  private func callMany(_ file: [UInt8], _ count: Int, _ arguments: [String]) async throws {
    let text = """
      local function call(KEYS, ARGV)
      \(String(decoding: file, as: UTF8.self))
      end
      for number = tonumber(ARGV[1]), tonumber(ARGV[2]) do
        local words = { 'fresh' }
        for index = 3, #ARGV do
          words[index - 1] = string.format(ARGV[index], number)
        end
        assert(not string.find(call(KEYS, words), 'none', 1, true), 'there is no host')
      end

      """
    let assembly = ScriptAssembly(settings: ScriptSettings(timings: Timings()))
    let script = assembly.scripts(texts: [("call_many", text)])["call_many"]
    let key = link.keys.hostsKey(.clock)
    for first in stride(from: 1, through: count, by: Self.callsAtOnce) {
      let last = min(count, first + Self.callsAtOnce - 1)
      let words = [String(first), String(last)] + arguments
      let reply = try await link.client.run(script, keys: [key], arguments: words)
      guard reply == .null else { throw SupportError("\(arguments): \(reply)") }
    }
  }
}

/// What Redis was asked to do, by its own count.
extension HostStage {
  /// Runs the body and returns how many scripts Redis ran meanwhile and how many commands in all.
  func commands(of body: () async throws -> Void) async throws -> (scripts: Int, all: Int) {
    _ = try await server.raw("CONFIG RESETSTAT")
    try await body()
    let text = try await server.raw("INFO commandstats")
    let own = ["cmdstat_info", "cmdstat_config", "cmdstat_quit"]
    let lines = text.split(separator: "\r\n")
      .filter { line in line.hasPrefix("cmdstat_") && !own.contains { line.hasPrefix($0) } }
    func sum(_ lines: [Substring]) -> Int {
      lines.compactMap { $0.firstMatch(of: /calls=(\d+)/).flatMap { Int($0.1) } }.reduce(0, +)
    }
    return (sum(lines.filter { $0.hasPrefix("cmdstat_fcall") }), sum(lines))
  }
}
