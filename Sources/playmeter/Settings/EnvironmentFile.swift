/// A file of `NAME=value` lines as systemd's `EnvironmentFile=` reads it, so that a command started
/// by hand with `--env-file` sees what the service sees.
///
/// What the two could read differently is refused instead of guessed: escapes, text around quotes,
/// lines without a name.
struct EnvironmentFile: Sendable {
  /// Far more than every setting with a long value takes.
  private static let maximumBytes = 256 * 1024

  /// The values by name; the last line of a name counts.
  private(set) var values: [String: String] = [:]
  /// Lines that could be misread; never with the text of the line, which may hold a secret.
  private(set) var faults: [SettingFault] = []
  /// Where it was read; nil when it was not.
  private(set) var path: String?

  /// A file without lines.
  init() {}

  /// Reads a file.
  ///
  /// - Throws: A fault when the file cannot be read.
  init(path: String) throws(SettingFault) {
    let text = try BoundedFile.text(path: path, maximumBytes: Self.maximumBytes, for: "--env-file")
    self.init(text: text, name: path)
    self.path = path
  }

  /// Reads lines; `name` is what faults call the file.
  init(text: String, name: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      read(EnvironmentFile.trimmed(line), place: "\(Printable.text(name)):\(index + 1)")
    }
  }

  private mutating func read(_ line: Substring, place: String) {
    guard let first = line.first, first != "#", first != ";" else { return }
    guard let equals = line.firstIndex(of: "="), EnvironmentFile.isName(line[..<equals]) else {
      faults.append(SettingFault(place, "the line is not NAME=value"))
      return
    }
    let name = String(line[..<equals])
    // Other programs' variables in the same file are their own affair.
    guard name.hasPrefix(SettingsSource.prefix) else { return }
    guard let value = EnvironmentFile.unquoted(line[equals...].dropFirst()) else {
      let reason = "the value of \(name) must not contain a backslash or a stray quote"
      faults.append(SettingFault(place, reason))
      return
    }
    values[name] = value
  }

  /// The value without the quotes around it; nil when quotes or backslashes leave room for doubt.
  private static func unquoted(_ text: Substring) -> String? {
    let value = trimmed(text)
    guard !value.contains("\\") else { return nil }
    guard let quote = value.first, quote == "\"" || quote == "'" else { return String(value) }
    let inner = value.dropFirst().dropLast()
    guard value.count >= 2, value.last == quote, !inner.contains(quote) else { return nil }
    return String(inner)
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (97...122).contains(byte | 0x20) && byte < 0x80
        || byte == UInt8(ascii: "_")
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank = { (character: Character) in " \t\r".contains(character) }
    let head = text.drop(while: isBlank)
    guard let last = head.lastIndex(where: { !isBlank($0) }) else { return head.prefix(0) }
    return head[...last]
  }
}
