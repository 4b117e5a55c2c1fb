/// The version of a Redis server, as INFO tells it.
struct RedisVersion: Comparable, CustomStringConvertible {
  let numbers: [Int]

  /// Reads "7.0.15"; nil when the text is no such thing.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, !parts.contains(nil) else { return nil }
    numbers = parts.compactMap(\.self)
  }

  var description: String { numbers.map(String.init).joined(separator: ".") }

  static func < (one: RedisVersion, other: RedisVersion) -> Bool {
    one.numbers.lexicographicallyPrecedes(other.numbers)
  }
}

extension RedisVersion {
  /// The first with script headers and PEXPIRETIME.
  static let oldest = RedisVersion("7.0.0")!

  /// The first of each branch in which nobody who may run scripts can take the server over
  /// (CVE-2025-49844). The 7.0 branch has none: 7.0.15 is its last, and Debian 12 mends it under
  /// that number.
  private static let mended = ["7.0.15", "7.2.11", "7.4.6", "8.0.4", "8.2.2"]
    .compactMap { RedisVersion($0) }

  /// The version to update to, if this one has holes that matter here; else nil.
  var better: RedisVersion? {
    let inBranch = Self.mended.first { $0.numbers.prefix(2) == numbers.prefix(2) }
    let better = inBranch ?? Self.mended.first { self < $0 }
    return better.flatMap { self < $0 ? $0 : nil }
  }
}
