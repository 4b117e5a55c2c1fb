/// The form of a script: a header that tells a caller everything without reading the code.
enum LuaRule {
  private static let sections = ["KEYS", "ARGV", "Reply", "Repeat"]

  static func findings(in file: SourceFile) -> [String] {
    let steps = file.path.split(separator: "/")
    guard file.kind == "lua", steps.dropLast() == ["Sources", "RedisStore", "Scripts"] else {
      return []
    }
    var findings: [String] = []
    let header = file.lines.prefix { $0.hasPrefix("--") }
    for section in sections where !header.contains(where: { names(section, $0) }) {
      findings.append("\(file.path): the header names no \(section)")
    }
    return findings
  }

  /// `-- KEYS[1]  the clock` and `-- KEYS  none` both name `KEYS`.
  private static func names(_ section: String, _ line: Substring) -> Bool {
    let text = line.drop { $0 == "-" || $0 == " " }
    guard text.hasPrefix(section) else { return false }
    return text.dropFirst(section.count).first.map { " [.:".contains($0) } ?? false
  }
}
