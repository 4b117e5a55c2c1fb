import Foundation

/// The tables of broken rules (`make mutants`) name texts of sources; whoever edits those must edit
/// the tables as well.
enum MutantRule {
  /// An entry: its name, its file, and the text as TOML has it.
  private static var entry: Regex<(Substring, Substring, Substring, Substring)> {
    #/
    (?m)^\[([a-z0-9-]+)\]\n
    file\ =\ '(.*)'\n
    (?:is\ =\ .*\n)?
    find\ =\ ('''[\s\S]*?'''|'.*'|".*")$
    /#
  }

  /// What stands in a table but not exactly once in its file.
  static func findings(in table: SourceFile) throws -> [String] {
    let entries = table.text.matches(of: entry)
    guard !entries.isEmpty else { return ["\(table.path): no entry can be read"] }
    var findings: [String] = []
    let headings = table.lines.filter { $0.hasPrefix("[") }
    if headings.count != entries.count {
      findings.append("\(table.path): \(headings.count - entries.count) entries cannot be read")
    }
    for match in entries {
      let (_, name, file, quoted) = match.output
      let source = try SourceFile.load(String(file))
      let count = source.text.ranges(of: text(of: quoted)).count
      guard count != 1 else { continue }
      findings.append("\(table.path): \(name) stands \(count) times in \(file), not once")
    }
    return findings
  }

  private static func text(of quoted: Substring) -> String {
    for quotes in ["'''", "'", "\""] where quoted.hasPrefix(quotes) {
      let inner = quoted.dropFirst(quotes.count).dropLast(quotes.count)
      return inner.trimmingCharacters(in: .newlines)
    }
    return String(quoted)
  }
}
