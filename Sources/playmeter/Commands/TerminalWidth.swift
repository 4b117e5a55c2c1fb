/// How many columns of a terminal a text takes. Cafes have Korean names, and Hangul, like all of
/// East Asia's wide characters, takes two.
enum TerminalWidth {
  /// The blocks of wide characters that names are made of (Unicode Standard Annex 11).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
    0x20000...0x3FFFD,
  ]

  /// The width in columns.
  static func of(_ text: String) -> Int {
    text.reduce(0) { columns, character in
      let isWide = character.unicodeScalars.first.map { scalar in
        wide.contains { $0.contains(scalar.value) }
      }
      return columns + (isWide == true ? 2 : 1)
    }
  }
}
