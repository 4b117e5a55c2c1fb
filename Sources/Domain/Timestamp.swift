/// Instants as RFC 3339 text.
///
/// Days become dates by the usual arithmetic on a year that starts in March, where the leap day is
/// the last one: https://howardhinnant.github.io/date_algorithms.html
public enum Timestamp {
  private static let millisecondsPerDay: Int64 = 86_400_000
  /// 400 years, after which the Gregorian calendar repeats.
  private static let daysPerEra: Int64 = 146_097
  /// Days from 0000-03-01 to 1970-01-01.
  private static let daysToEpoch: Int64 = 719_468

  /// UTC with milliseconds: `2026-03-06T12:00:00.000Z`.
  public static func text(of instant: Instant) -> String {
    let days = floorDivide(instant.milliseconds, millisecondsPerDay)
    let rest = instant.milliseconds - days * millisecondsPerDay
    let (year, month, day) = date(ofDay: days)
    let seconds = rest / 1000
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
      + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
      + padded(seconds % 60, 2) + "." + padded(rest % 1000, 3) + "Z"
  }

  /// Reads `2026-03-06T12:00:00Z` with up to nine decimals (what is finer than a millisecond is
  /// dropped) and `Z` or an offset such as `+09:00`; nil for anything else, impossible dates
  /// included.
  public static func instant(of text: String) -> Instant? {
    var scanner = TimestampScanner(text)
    guard let year = scanner.number(4), scanner.skip("-"),
      let month = scanner.number(2), scanner.skip("-"),
      let day = scanner.number(2), scanner.skip("T") || scanner.skip("t"),
      let hour = scanner.number(2), scanner.skip(":"),
      let minute = scanner.number(2), scanner.skip(":"),
      let second = scanner.number(2),
      let milliseconds = scanner.fraction(),
      let offsetMinutes = scanner.offsetMinutes(), scanner.isAtEnd,
      hour < 24, minute < 60, second < 60
    else { return nil }
    let days = dayNumber(year, month, day)
    guard date(ofDay: days) == (year, month, day) else { return nil }
    let seconds = ((days * 24 + hour) * 60 + minute - offsetMinutes) * 60 + second
    return Instant(milliseconds: seconds * 1000 + milliseconds)
  }

  /// Year and month of an instant in UTC.
  static func month(of instant: Instant) -> (year: Int, month: Int) {
    let (year, month, _) = date(ofDay: floorDivide(instant.milliseconds, millisecondsPerDay))
    return (Int(year), Int(month))
  }

  private static func date(ofDay days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + daysToEpoch
    let era = floorDivide(shifted, daysPerEra)
    let dayOfEra = shifted - era * daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let era = floorDivide(marchYear, 400)
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * daysPerEra + dayOfEra - daysToEpoch
  }

  private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
    number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// Reads the parts of a timestamp from left to right.
private struct TimestampScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(_ width: Int) -> Int64? {
    let digits = rest.prefix(width)
    guard digits.count == width, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    rest.removeFirst(width)
    return Int64(String(Substring(digits)))
  }

  /// Milliseconds of an optional fraction.
  mutating func fraction() -> Int64? {
    guard skip(".") else { return 0 }
    let digits = rest.prefix { (48...57).contains($0) }
    guard (1...9).contains(digits.count) else { return nil }
    rest.removeFirst(digits.count)
    return Int64((String(Substring(digits)) + "00").prefix(3))
  }

  mutating func offsetMinutes() -> Int64? {
    if skip("Z") || skip("z") { return 0 }
    let isEast = skip("+")
    guard isEast || skip("-"), let hours = number(2), skip(":"), let minutes = number(2),
      hours < 24, minutes < 60
    else { return nil }
    return (hours * 60 + minutes) * (isEast ? 1 : -1)
  }
}
