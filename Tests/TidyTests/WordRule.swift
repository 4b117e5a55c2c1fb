/// Words that have no place in finished code. This directory, which must name them, is left out.
enum WordRule {
  private struct Ban {
    /// What a file must contain to be worth the regular expression, which is slow.
    let words: [String]
    let pattern: Regex<Substring>
    let reason: String

    func mayApply(to file: SourceFile) -> Bool {
      words.contains { file.text.contains($0) }
    }
  }

  private static var bans: [Ban] {
    [
      Ban(
        words: ["FIXME", "TODO", "XXX", "HACK"],
        pattern: /\b(?:FIXME|TODO|XXX|HACK)\b/,
        reason: "unfinished: do it or file an issue"
      ),
      Ban(words: ["try!"], pattern: /\btry!/, reason: "throw, or trap with a sentence"),
      Ban(
        words: ["Task.detached"],
        pattern: /\bTask\.detached\b/,
        reason: "structured concurrency only"
      ),
      Ban(
        words: ["fatalError("],
        pattern: /\bfatalError\((?!\s*"[^"]* [^"]*")/,
        reason: "trap with a sentence"
      ),
      Ban(words: [".disabled("], pattern: /\.disabled\(/, reason: "a skipped test is a failure"),
      Ban(
        words: ["withKnownIssue"],
        pattern: /\bwithKnownIssue\b/,
        reason: "a known issue is a failure"
      ),
      Ban(
        words: ["Manager", "Helper", "Utils"],
        pattern:
          /\b(?:class|struct|enum|actor|protocol|func|let|var)\s+\w*(?:Manager|Helper|Utils)\b/,
        reason: "name what it does"
      ),
    ]
  }

  /// How many lines above an unchecked promise its reason may begin.
  private static let safetyDistance = 4

  static func findings(in file: SourceFile) -> [String] {
    guard !file.path.hasPrefix("Tests/TidyTests/") else { return [] }
    var findings = banned(in: file) + unsafe(in: file)
    if file.name.contains(/(?:Manager|Helper|Utils)\.\w+$/) {
      findings.append("\(file.path): name the file after what it does")
    }
    return findings
  }

  private static func banned(in file: SourceFile) -> [String] {
    var findings: [String] = []
    for ban in bans where ban.mayApply(to: file) {
      for (index, line) in file.lines.enumerated() {
        // A trap's sentence may begin in the next line.
        let isOpen = line.hasSuffix("fatalError(") && index + 1 < file.lines.count
        let text = isOpen ? line + file.lines[index + 1] : line
        guard text.contains(ban.pattern) else { continue }
        findings.append("\(file.place(index)): \(ban.reason): \(line)")
      }
    }
    return findings
  }

  /// What the compiler does not check any more needs a reason that a reviewer can refute.
  private static func unsafe(in file: SourceFile) -> [String] {
    file.lines.enumerated()
      .compactMap { index, line in
        guard file.kind == "swift", line.contains(/@unchecked Sendable|nonisolated\(unsafe\)/)
        else {
          return nil
        }
        let above = file.lines[max(0, index - safetyDistance)...index]
        return above.contains { $0.contains("SAFETY:") }
          ? nil : "\(file.place(index)): no SAFETY: comment above"
      }
  }
}
