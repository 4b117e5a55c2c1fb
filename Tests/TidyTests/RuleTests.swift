import Testing

/// A rule that finds nothing may be blind. So each is shown what it must see, and what it must not.
@Suite("The rules of tidiness see what they look for")
struct RuleTests {
  @Test(
    "An import across the layers is found",
    arguments: [
      ("Domain", "import Foundation"),
      ("Domain", "import Signatures"),
      ("Signatures", "import Foundation"),
      ("RedisClient", "import COpenSSL"),
      ("RedisClient", "import Domain"),
      ("RedisStore", "private import CHiredis"),
      ("RedisStore", "import HTTPAPI"),
      ("RedisStore", "import Hummingbird"),
      ("HTTPAPI", "@testable import RedisStore"),
      ("HTTPAPI", "import PrometheusText"),
      ("HTTPAPI", "  public import struct RedisClient.RedisReply"),
      ("playmeter", "@preconcurrency import CHiredis"),
      ("playmeter", "import COpenSSL"),
      ("Newcomer", "import Domain"),
    ]
  )
  func wrongImport(module: String, line: String) {
    let file = SourceFile(path: "Sources/\(module)/File.swift", text: "// Text.\n\(line)\n")
    #expect(ImportRule.findings(in: file).count == 1)
  }

  @Test(
    "An import within the layers is none",
    arguments: [
      ("Signatures", "private import COpenSSL"),
      ("RedisClient", "internal import CHiredis"),
      ("RedisStore", "import Domain"),
      ("HTTPAPI", "import Hummingbird"),
      ("playmeter", "import Foundation"),
      ("Domain", "// import Foundation"),
      ("Domain", "let important = 1"),
    ]
  )
  func rightImport(module: String, line: String) {
    let file = SourceFile(path: "Sources/\(module)/File.swift", text: line)
    #expect(ImportRule.findings(in: file) == [])
  }

  @Test(
    "A line is too long from 101 characters on",
    arguments: [(100, 0), (101, 1)]
  )
  func lineLength(length: Int, count: Int) {
    let line = String(repeating: "é", count: length)
    #expect(SizeRule.findings(in: SourceFile(path: "a.sh", text: line)).count == count)
  }

  @Test(
    "A file is too long from 301 lines on",
    arguments: [(300, 0), (301, 1)]
  )
  func fileLength(length: Int, count: Int) {
    let text = String(repeating: "x\n", count: length)
    #expect(SizeRule.findings(in: SourceFile(path: "Makefile", text: text)).count == count)
  }

  @Test(
    "A function is too long from 71 lines on, in every language",
    arguments: [
      ("a.swift", "  public static func f(_ g: () -> Void) async throws {", "  }"),
      ("a.swift", "  func f(\n    a: Int\n  ) -> Int\n  where T: P {", "  }"),
      ("a.swift", "  init?(x: Int) {", "  }"),
      ("a.swift", "  deinit {", "  }"),
      ("a.swift", "  func f() -> String { // }", "  }"),
      ("a.swift", "  func f(_ text: String = \"}\") {", "  }"),
      ("a.c", "static int f(void) {", "}"),
      ("a.lua", "local function f(a)", "end"),
      ("a.lua", "function t.f(a)", "end"),
    ]
  )
  func functionLength(path: String, first: String, last: String) {
    let frame = first.split(separator: "\n").count + 1
    func findings(_ lines: Int) -> Int {
      let body = String(repeating: "    if x { y() }\n", count: lines - frame)
      return SizeRule.findings(in: SourceFile(path: path, text: "\(first)\n\(body)\(last)\n")).count
    }
    #expect(findings(70) == 0)
    #expect(findings(71) == 1)
  }

  @Test("A declaration without a body is no function, whatever follows")
  func protocolRequirement() {
    let body = String(repeating: "  x()\n", count: 100)
    let text = "  func f() async throws -> Int\n  func g()\n}\nstruct S {\n\(body)}\n"
    #expect(SizeRule.findings(in: SourceFile(path: "a.swift", text: text)) == [])
  }

  @Test(
    "A forbidden word is found",
    arguments: [
      "// FIXME: later", "-- TODO later", "/* XXX */", "# HACK", "let x = try! f()",
      "Task.detached { }", "fatalError()", "fatalError(\"oops\")", "fatalError(message)",
      "@Test(.disabled(\"slow\"))", "withKnownIssue { }", "final class SessionManager {",
      "enum StringUtils {", "struct TestHelper: Sendable {", "let cacheManager = x",
    ]
  )
  func forbidden(line: String) {
    #expect(WordRule.findings(in: SourceFile(path: "a.swift", text: line)).count == 1)
  }

  @Test(
    "What only looks like a forbidden word is none",
    arguments: [
      "let todoist = 1", "FileManager.default", "try? f()", "fatalError(\"the table has no row\")",
      "fatalError(\n  \"the table has no row\")", "if isDisabled(x) { }", "struct Helpers {",
    ]
  )
  func allowed(text: String) {
    #expect(WordRule.findings(in: SourceFile(path: "a.swift", text: text)) == [])
  }

  @Test("A file's name is looked at too")
  func fileName() {
    #expect(
      WordRule.findings(in: SourceFile(path: "Tests/X/JSONHelper.swift", text: "")).count == 1
    )
  }

  @Test(
    "An unchecked promise needs its reason within four lines above",
    arguments: ["final class C: @unchecked Sendable {", "nonisolated(unsafe) var x = 1"]
  )
  func safety(line: String) {
    func findings(_ above: String) -> Int {
      WordRule.findings(in: SourceFile(path: "a.swift", text: above + line)).count
    }
    #expect(findings("") == 1)
    #expect(findings("// SAFETY: because.\n") == 0)
    #expect(findings("// SAFETY: because\n//\n//\n//\n") == 0)
    #expect(findings("// SAFETY: because\n//\n//\n//\n//\n") == 1)
  }

  @Test("A script without a section of its header is found")
  func script() {
    func findings(_ text: String, path: String = "Sources/RedisStore/Scripts/a.lua") -> Int {
      LuaRule.findings(in: SourceFile(path: path, text: text)).count
    }
    let header = "-- Does.\n--\n-- KEYS[1]  it\n-- ARGV  none\n-- Reply  {}\n-- Repeat  harmless\n"
    #expect(findings("\(header)return 1\n") == 0)
    for section in ["KEYS", "ARGV", "Reply", "Repeat"] {
      #expect(findings(header.replacing(section, with: "Other")) == 1)
    }
    #expect(findings("return 1\n\(header)") == 4)
    #expect(findings("local x = {}\n", path: "Sources/RedisStore/Scripts/lib/x.lua") == 0)
  }
}
