/// A part of a library file: one function at the margin, or a line that stands outside of any.
///
/// Every call of a script builds all its functions anew, and Redis keeps each script with all of
/// them: what a script cannot reach costs time and memory, also the other scripts, whose garbage is
/// collected among it. Without such functions a search for a host takes a fifth less.
struct LuaPart: Sendable {
  /// Its text, without the last line feed.
  let text: String
  /// The function as others call it: `host.load`, `parse`. Nil for a line outside of functions.
  let name: String?
  /// Every name in it, comments left out.
  let mentions: Set<String>

  /// A part of a text that is there in any case.
  init(line: Substring) {
    self.init(lines: [line], name: nil)
  }

  private init(lines: [Substring], name: String?) {
    text = lines.joined(separator: "\n")
    self.name = name
    mentions = lines.reduce(into: []) { $0.formUnion(LuaPart.names(in: $1)) }
  }

  /// The parts of a file, without comments at the margin. A function begins and ends there.
  static func all(of text: String) -> [LuaPart] {
    var parts: [LuaPart] = []
    var function: (name: String, lines: [Substring])?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let open = function {
        function = (open.name, open.lines + [line])
        guard line == "end" else { continue }
        parts.append(LuaPart(lines: open.lines + [line], name: open.name))
        function = nil
      } else if let name = functionName(line) {
        function = (name, [line])
      } else if !line.isEmpty, !line.hasPrefix("--") {
        parts.append(LuaPart(line: line))
      }
    }
    precondition(function == nil, "A function of a script has no end at the margin.")
    return parts
  }

  /// The parts without functions that none of the others leads to.
  static func reachable(_ parts: [LuaPart]) -> [LuaPart] {
    var reached = parts.map { $0.name == nil }
    var wanted = parts.reduce(into: Set<String>()) { names, part in
      if part.name == nil { names.formUnion(part.mentions) }
    }
    var isDone = false
    while !isDone {
      isDone = true
      for (index, part) in parts.enumerated() where !reached[index] {
        guard let name = part.name, wanted.contains(name) else { continue }
        reached[index] = true
        wanted.formUnion(part.mentions)
        isDone = false
      }
    }
    return zip(parts, reached).filter(\.1).map(\.0)
  }

  /// `function host.load(p, id)` and `local function parse(id)`, each without a blank before it.
  private static func functionName(_ line: Substring) -> String? {
    for mark in ["local function ", "function "] where line.hasPrefix(mark) {
      return String(line.dropFirst(mark.count).prefix { $0 != "(" })
    }
    return nil
  }

  /// Names with the dots in them; words of Lua and numbers among them do no harm.
  private static func names(in line: Substring) -> [String] {
    guard !line.drop(while: { $0 == " " }).hasPrefix("--") else { return [] }
    return line.utf8.split { !isOfName($0) }
      .map { word in
        // Two dots join texts.
        String(decoding: word.drop { $0 == UInt8(ascii: ".") }, as: UTF8.self)
      }
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
