import Domain

/// A calendar month in UTC, by which the archive's files are named: `2026-11`.
struct ArchiveMonth: Hashable, Comparable, Sendable {
  /// Year and month, which sort like the months themselves.
  let text: String

  /// The month of an instant.
  init(of instant: Instant) {
    text = String(Timestamp.text(of: instant).prefix(7))
  }

  /// A month from its text, or nil.
  init?(_ text: some StringProtocol) {
    guard text.utf8.count == 7, Timestamp.instant(of: "\(text)-01T00:00:00Z") != nil else {
      return nil
    }
    self.text = String(text)
  }

  static func < (left: ArchiveMonth, right: ArchiveMonth) -> Bool { left.text < right.text }
}
