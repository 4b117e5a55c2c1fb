import Domain
import Synchronization

/// The value of `Date` (RFC 9110), made once a second.
final class ResponseDate: Sendable {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private let latest = Mutex((second: Int64.min, text: ""))

  /// The text for a second since the Unix epoch: `Sun, 06 Nov 1994 08:49:37 GMT`.
  func text(at second: Int64) -> String {
    latest.withLock { latest in
      if latest.second != second { latest = (second, Self.text(at: second)) }
      return latest.text
    }
  }

  private static func text(at second: Int64) -> String {
    // 2026-03-06T12:00:00.000Z
    let timestamp = Timestamp.text(of: Instant(milliseconds: second * 1000))
    let parts = timestamp.split { "-T.".contains($0) }
    // The epoch was a Thursday.
    let weekday = weekdays[Int(second / 86_400 % 7)]
    let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
    return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(parts[3]) GMT"
  }
}
