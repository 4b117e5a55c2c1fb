/// A point in time as Redis tells it: milliseconds since 1970-01-01T00:00:00Z.
///
/// The only source of an `Instant` that decides about a session or money is Redis `TIME`.
public struct Instant: Hashable, Comparable, Sendable {
  /// Milliseconds since the Unix epoch.
  public let milliseconds: Int64

  /// An instant from its distance to the Unix epoch.
  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Whole seconds from `start` to `end`, rounded down; zero when `end` is not later.
  public static func wholeSeconds(from start: Instant, to end: Instant) -> Int64 {
    max(0, end.milliseconds - start.milliseconds) / 1000
  }

  public static func < (left: Instant, right: Instant) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// The instant that is this many seconds later.
  public func advanced(bySeconds seconds: Int64) -> Instant {
    Instant(milliseconds: milliseconds + seconds * 1000)
  }
}
