/// How much callers may ask of the public API. The defaults are the published ones.
public struct RequestLimits: Sendable, Equatable {
  /// Counts of requests in flight that make sense: each takes some KiB until it is answered.
  public static let inFlightCounts: ClosedRange<Int> = 1...1_000_000

  /// Verify calls of each API key. A game's heartbeats and ends are never refused by a limit: a
  /// paying player is not thrown out by one, and one who left is not billed on.
  public var perKey = RateLimit.requests(500, per: .seconds(1))
  /// Starts of launchers and one-time tokens of each cafe; again neither heartbeats nor ends.
  public var perCafe = RateLimit.requests(200, per: .seconds(1))
  /// Searches, lists, readings of the description and refused credentials of each address.
  public var perAddress = RateLimit.requests(20, per: .seconds(1))
  /// Requests that may be answered at once; past it the service says 503 without looking further.
  public var inFlight = 10_000

  /// The defaults.
  public init() {}
}
