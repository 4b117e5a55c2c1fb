import Foundation
import Testing

@Suite("The source tree is tidy")
struct TidyTests {
  @Test("Every module imports only what its layer may know")
  func imports() async throws {
    let found = try await findings(ImportRule.findings)
    #expect(found == [])
  }

  @Test("Every module of Sources is in the table of layers")
  func modules() throws {
    let modules = try contents(of: "Sources")
    #expect(Set(modules) == ImportRule.cModules.union(ImportRule.layers.keys))
  }

  @Test("Lines, functions and files are short")
  func sizes() async throws {
    let found = try await findings(SizeRule.findings)
    #expect(found == [])
  }

  @Test("No forbidden word, and a reason for every unchecked promise")
  func words() async throws {
    let found = try await findings(WordRule.findings)
    #expect(found == [])
  }

  @Test("Every script has its first line and a header that documents it")
  func scripts() async throws {
    let found = try await findings(LuaRule.findings)
    #expect(found == [])
  }

  @Test("Every rule that mutants break stands where their tables say", arguments: ["lua", "swift"])
  func mutants(table: String) throws {
    let found = try MutantRule.findings(in: SourceFile.load("Tests/mutants/\(table).toml"))
    #expect(found == [])
  }

  @Test("The top level holds what it is known to hold")
  func topLevel() throws {
    let known: Set = [
      ".ci", ".git", ".gitignore", ".luacheckrc", ".swift-format", "CHANGELOG.md", "LICENSE",
      "Makefile", "Package.resolved", "Package.swift", "README.md", "Sources", "Tests", "config",
      "deploy",
    ]
    // What builds, editors and `make run` leave behind is in .gitignore.
    let leftovers = [".build", ".run", ".swiftpm", ".vscode"]
    let unknown = try contents(of: "")
      .filter { name in
        !known.contains(name) && !leftovers.contains { name.hasPrefix($0) }
      }
    #expect(unknown == [])
  }

  private func findings(_ rule: (SourceFile) -> [String]) async throws -> [String] {
    let files = try SourceFile.all()
    // An empty tree would be tidy, too.
    try #require(files.count > 50)
    var findings: [String] = []
    for file in files {
      findings += rule(file)
      // Other tests wait for their turn meanwhile.
      await Task.yield()
    }
    return findings
  }

  private func contents(of directory: String) throws -> [String] {
    let url = SourceFile.projectRoot.appending(path: directory).resolvingSymlinksInPath()
    return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }
}
