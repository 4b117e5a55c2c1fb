/// Durations as settings write them: a whole number and a unit, such as `240s`.
///
/// Everything is whole milliseconds, because that is what Redis counts in.
enum DurationText {
  /// The units from the largest, with their lengths in milliseconds.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]
  /// Ten digits are more than a century in milliseconds, and times a day they still fit 64 bits.
  private static let maximumDigits = 10

  /// Reads `250ms`, `240s`, `5m`, `4h` or `40d`; nil for anything else, such as a bare number,
  /// whose unit would be a guess, a sign, a fraction or white space.
  static func duration(of text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard (1...maximumDigits).contains(digits.count), let count = Int64(digits),
      let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
    else { return nil }
    return .milliseconds(count * unit.milliseconds)
  }

  /// The shortest exact text with one unit: `4m` for 240 seconds, `1500ms` for one and a half.
  static func text(of duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    let unit = units.first { milliseconds.isMultiple(of: $0.milliseconds) && milliseconds != 0 }
    guard let unit else { return "0s" }
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }
}
