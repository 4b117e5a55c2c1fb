import Foundation
import PrometheusText
import Testing

@testable import RedisStore
@testable import playmeter

@Suite("What the process uses, and how much is told of hosts")
struct ProcessUsageTests {
  @Test("The kernel's figures are this process'")
  func figures() throws {
    let before = Date.now.timeIntervalSince1970
    let usage = try #require(ProcessUsage())
    #expect(usage.startSeconds > 1_700_000_000)
    // Boot time is told in whole seconds.
    #expect(usage.startSeconds < before + 2)
    #expect(usage.cpuSeconds >= 0)
    #expect(usage.residentBytes > 1 << 20)
    #expect(try #require(usage.mostFiles) > Double(usage.openFiles))
    // Input, output and error at least.
    #expect(usage.openFiles >= 3)
  }

  @Test("Regions past the 64th are one label, and a Redis that counts anew loses nothing")
  func regions() {
    let registry = PrometheusRegistry(declaring: MetricCatalog.all)
    var hosts = HostMetrics(registry)
    var census = Census()
    census.hosts = (1...100).map { .init(region: "r\($0)", status: "idle", count: 2) }
    census.reservations = ["lapsed": 5, "a later outcome": 1]
    hosts.record(census)
    let name = "playmeter_hosts{"
    let lines = registry.text.split(separator: "\n").filter { $0.hasPrefix(name) }
    #expect(lines.count == 65)
    #expect(lines.contains(#"playmeter_hosts{region="other",status="idle"} 72"#))
    census.hosts = []
    census.reservations = ["lapsed": 2]
    hosts.record(census)
    #expect(registry.text.contains(#"playmeter_hosts{region="r1",status="idle"} 0"#))
    #expect(registry.text.contains(#"playmeter_reservations_total{outcome="lapsed"} 7"#))
    hosts.forget()
    #expect(!registry.text.contains(name))
  }
}
