/// How much one caller may do. A token bucket: a caller that was quiet may do twice the number at
/// once, and then as many as come back in time.
public enum RateLimit: Sendable, Equatable {
  /// Numbers that make sense: more in a period than the largest would limit nobody.
  public static let counts: ClosedRange<Int> = 1...1_000_000

  /// Nobody is limited.
  case off
  /// So many requests in each period.
  case requests(Int, per: Duration)
}
