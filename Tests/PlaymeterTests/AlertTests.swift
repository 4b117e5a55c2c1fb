import Foundation
import PrometheusText
import Support
import Testing

@testable import playmeter

@Suite("Alerts and dashboard", .timeLimit(.minutes(15)))
struct AlertTests {
  private static let deploy = BuildProducts.projectRoot.appending(path: "deploy")
  private static let alerts = deploy.appending(path: "prometheus/alerts.yml")
  private static let trials = deploy.appending(path: "prometheus/alerts.test.yml")
  private static let dashboard = deploy.appending(path: "grafana/playmeter.json")

  private func text(_ file: URL) throws -> String {
    try String(contentsOf: file, encoding: .utf8)
  }

  @Test("promtool accepts the alerts")
  func check() async throws {
    let verdict = try await Promtool.run(["check", "rules", Self.alerts.path])
    #expect(verdict.status == 0, "\(verdict.standardOutput)\(verdict.standardError)")
  }

  @Test("Every alert fires when it should, and not otherwise")
  func trial() async throws {
    let verdict = try await Promtool.run(["test", "rules", Self.trials.path])
    #expect(verdict.status == 0, "\(verdict.standardOutput)\(verdict.standardError)")
    let trials = try text(Self.trials)
    let names = try text(Self.alerts).matches(of: /- alert: (\w+)/).map { String($0.1) }
    #expect(names.count > 10)
    #expect(names.filter { !trials.contains($0) } == [])
  }

  @Test("Every alert has a severity, a summary and what to do")
  func complete() throws {
    let rules = try text(Self.alerts).split(separator: "- alert: ").dropFirst()
    for rule in rules {
      let name = rule.prefix { $0 != "\n" }
      #expect(rule.contains(/severity: (?:page|ticket)\n/), "\(name)")
      #expect(rule.contains("summary: \""), "\(name)")
      #expect(rule.contains("description: >-"), "\(name)")
    }
  }

  @Test("Alerts, their trials and the dashboard name only metrics that there are")
  func names() throws {
    var known = Set(MetricCatalog.all.flatMap(\.sampleNames))
    known.insert(PrometheusRegistry.droppedName)
    for file in [Self.alerts, Self.trials, Self.dashboard] {
      let named = Set(try text(file).matches(of: /\b(?:playmeter|process)_\w+/).map { $0.0 })
      #expect(named.count > 10)
      #expect(named.filter { !known.contains(String($0)) } == [], "\(file.lastPathComponent)")
    }
  }

  @Test("The dashboard asks whatever data source is chosen, and all its expressions can be read")
  func dashboard() async throws {
    let document = try JSONView(Array(try text(Self.dashboard).utf8))
    #expect(try document.string("templating.list.0.type") == "datasource")
    var rules = "groups:\n  - name: dashboard\n    rules:\n"
    var count = 0
    for panel in try document.array("panels") where try panel.string("type") != "row" {
      #expect(try panel.string("datasource.uid") == "${datasource}")
      for target in try panel.array("targets") {
        let expression = try target.string("expr")
          .replacing("$__rate_interval", with: "5m").replacing("$instance", with: ".*")
        rules += "      - record: panel_\(count)\n        expr: '\(expression)'\n"
        count += 1
      }
    }
    #expect(count > 30)
    let directory = try TemporaryDirectory()
    let file = URL(filePath: "\(directory.path)/rules.yml")
    try Data(rules.utf8).write(to: file)
    let verdict = try await Promtool.run(["check", "rules", file.path])
    #expect(verdict.status == 0, "\(verdict.standardOutput)\(verdict.standardError)")
  }

  @Test("Every metric is declared once, and the version is the changelog's newest")
  func catalog() throws {
    let names = MetricCatalog.all.map(\.name)
    #expect(Set(names).count == names.count)
    // The registry traps when a part of the service uses a metric that is not declared.
    let registry = ServiceMetrics().registry
    #expect(registry.text.contains("playmeter_build_info{version=\"\(Playmeter.version)\"} 1\n"))
    let changes = try text(BuildProducts.projectRoot.appending(path: "CHANGELOG.md"))
    let newest = try #require(changes.firstMatch(of: /\n## (\S+)/))
    #expect(newest.1.lowercased().trimmingCharacters(in: ["[", "]"]) == Playmeter.version)
  }
}

extension MetricDeclaration {
  /// What it and its samples are called.
  fileprivate var sampleNames: [String] {
    guard case .histogram = kind else { return [name] }
    return ["", "_bucket", "_sum", "_count"].map { name + $0 }
  }
}
