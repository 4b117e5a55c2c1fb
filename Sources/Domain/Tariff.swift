/// What an hour of play costs: milli-G-coin per hour, 60 to 10^8.
///
/// The lower bound makes a minute cost at least one milli-G-coin, the upper one keeps
/// ``BillingRule`` within 2^53 for almost three years of play.
public struct Tariff: Hashable, Sendable {
  /// The rates that may be set, in milli-G-coin per hour (0.06 to 100,000 G-coin).
  public static let range: ClosedRange<Int64> = 60...100_000_000

  /// The rate in milli-G-coin per hour.
  public let milliGCoinPerHour: Int64

  /// A rate in milli-G-coin per hour, or nil outside ``range``.
  public init?(milliGCoinPerHour: Int64) {
    guard Tariff.range.contains(milliGCoinPerHour) else { return nil }
    self.milliGCoinPerHour = milliGCoinPerHour
  }

  /// A rate written in G-coin per hour with up to three decimals, or nil outside ``range``.
  public init?(gCoinPerHour text: String) {
    guard let hourly = Money(gCoin: text) else { return nil }
    self.init(milliGCoinPerHour: hourly.milliGCoin)
  }
}
