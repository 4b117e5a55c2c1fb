/// Text that is safe to put on one line of a terminal or a log.
enum Printable {
  /// The text with everything escaped that could end a line or steer a terminal: control characters
  /// (C0, DEL, C1), line and paragraph separators, and marks that change the direction of writing.
  ///
  /// Without it a name or an error message from outside could forge a line of the log.
  static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: mustBeEscaped) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      case _ where mustBeEscaped(scalar): escaped += "\\u{\(String(scalar.value, radix: 16))}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Whether the character could end a line, steer a terminal or change the order of the text.
  static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
