/// What fits on a page and in a head.
enum SizeRule {
  static let longestLine = 100
  static let longestFile = 300
  static let longestFunction = 70

  static func findings(in file: SourceFile) -> [String] {
    var findings: [String] = []
    if file.lineCount > longestFile {
      findings.append("\(file.path): \(file.lineCount) lines, at most \(longestFile)")
    }
    for (index, line) in file.lines.enumerated() {
      // Bytes are counted faster, and are never fewer.
      guard line.utf8.count > longestLine, line.count > longestLine else { continue }
      findings.append("\(file.place(index)): \(line.count) characters, at most \(longestLine)")
    }
    for start in file.lines.indices {
      guard let length = functionLength(in: file, at: start), length > longestFunction else {
        continue
      }
      findings.append("\(file.place(start)): a function of \(length) lines")
    }
    return findings
  }

  /// The lines from a function's first to the one that closes it; nil if none starts here.
  private static func functionLength(in file: SourceFile, at start: Int) -> Int? {
    switch file.kind {
    case "swift":
      let line = file.lines[start]
      let pattern = /^\s*(?:@?[\w().]+\s+)*(?:func\s|init[?(<]|deinit\b)/
      // A look for a word first: a regular expression on every line takes seconds in all.
      guard line.contains("func ") || line.contains("init"), line.contains(pattern) else {
        return nil
      }
      return bracedLength(file.lines[start...])
    case "c", "h":
      // Functions of C begin in the first column, and end there.
      let pattern = /^[A-Za-z_][^;={]*\(/
      return file.lines[start].contains(pattern) ? bracedLength(file.lines[start...]) : nil
    case "lua":
      guard let match = file.lines[start].firstMatch(of: /^(\s*)(?:local\s+)?function\b/) else {
        return nil
      }
      let closing = "\(match.1)end"
      return file.lines[start...].firstIndex { $0 == closing }.map { $0 - start + 1 }
    default:
      return nil
    }
  }

  /// Counts brackets outside of comments and texts until the body's brace is closed again. Nil for
  /// a declaration without a body.
  private static func bracedLength(_ lines: ArraySlice<Substring>) -> Int? {
    var round = 0
    var curly = 0
    var hasBody = false
    for (index, line) in zip(lines.indices, lines) {
      for character in code(line) {
        switch character {
        case UInt8(ascii: "("): round += 1
        case UInt8(ascii: ")"): round -= 1
        case UInt8(ascii: "{"):
          curly += 1
          hasBody = hasBody || round == 0
        case UInt8(ascii: "}"): curly -= 1
        default: break
        }
      }
      if hasBody && curly <= 0 { return index - lines.startIndex + 1 }
      guard hasBody || round > 0 || continues(lines, after: index) else { return nil }
    }
    return nil
  }

  /// Whether a signature goes on in the next line.
  private static func continues(_ lines: ArraySlice<Substring>, after index: Int) -> Bool {
    guard index + 1 < lines.endIndex else { return false }
    return lines[index + 1].contains(/^\s*(?:where\b|->|async\b|throws\b|\{|\))/)
  }

  /// The line without texts and the comment at its end, which may contain brackets.
  private static func code(_ line: Substring) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    let slash = UInt8(ascii: "/")
    var code: [UInt8] = []
    var isText = false
    var isEscaped = false
    for byte in line.utf8 {
      if isText {
        isText = isEscaped || byte != quote
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else if byte == quote {
        isText = true
      } else if byte == slash && code.last == slash {
        return code
      } else {
        code.append(byte)
      }
    }
    return code
  }
}
