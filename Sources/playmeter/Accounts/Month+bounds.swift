import Domain
import Foundation

extension Month {
  /// The month's first instant in a time zone, and the first one after it.
  func bounds(in timeZone: TimeZone) -> Range<Instant>? {
    guard let start = start(in: timeZone), let end = next.start(in: timeZone), start < end else {
      return nil
    }
    return start..<end
  }

  private func start(in timeZone: TimeZone) -> Instant? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let components = DateComponents(year: year, month: month, day: 1)
    guard let date = calendar.date(from: components) else { return nil }
    return Instant(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
  }
}
