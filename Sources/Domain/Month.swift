/// A month of the calendar. In which time zone is for whoever asks for its bounds.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a month's text must be.
  public static let rule = "a month such as 2026-03"
  /// Years that can be written with four digits and have a Unix time.
  private static let years = 1970...9999

  /// 1970 to 9999.
  public let year: Int
  /// 1 to 12.
  public let month: Int

  /// Reads `YYYY-MM`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
      text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: "-") }),
      let year = Int(parts[0]), let month = Int(parts[1]), Month.years.contains(year),
      (1...12).contains(month)
    else { return nil }
    self.year = year
    self.month = month
  }

  /// The month of an instant in UTC.
  public init(inUTC instant: Instant) {
    (year, month) = Timestamp.month(of: instant)
  }

  private init(year: Int, month: Int) {
    self.year = year
    self.month = month
  }

  /// The month after this one.
  public var next: Month {
    month == 12 ? Month(year: year + 1, month: 1) : Month(year: year, month: month + 1)
  }

  public static func < (left: Month, right: Month) -> Bool {
    (left.year, left.month) < (right.year, right.month)
  }

  /// The text that ``init(_:)`` reads.
  public var description: String { "\(year)-\(month < 10 ? "0" : "")\(month)" }
}
