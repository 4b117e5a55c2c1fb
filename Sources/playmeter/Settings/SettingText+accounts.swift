import Foundation

/// What the texts of the accounts' settings mean; nil where a text breaks its setting's rule.
extension SettingText {
  /// Less would be one way through the ledger after the other.
  private static let reconcileIntervals: ClosedRange<Duration> = .seconds(1)...(Setting.day * 30)
  private static let off = "off"

  static let reconcileRule =
    "off, or a whole number with one of the units ms, s, m, h, d, from "
    + DurationText.text(of: reconcileIntervals.lowerBound) + " to "
    + DurationText.text(of: reconcileIntervals.upperBound)

  /// A time zone by its name in the tz database, in its own spelling.
  static func timeZone(_ text: String) -> TimeZone? {
    guard text == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(text) else { return nil }
    return TimeZone(identifier: text)
  }

  /// How often to reconcile.
  static func recurrence(_ text: String) -> Recurrence? {
    guard text != off else { return .off }
    guard let interval = DurationText.duration(of: text), reconcileIntervals.contains(interval)
    else { return nil }
    return .every(interval)
  }
}

/// How often something is done.
enum Recurrence: Sendable, Equatable {
  /// Never.
  case off
  /// About once in that time.
  case every(Duration)
}
