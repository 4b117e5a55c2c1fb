/// An amount of money in milli-G-coin, the smallest unit there is: 1 G-coin = 1000 milli-G-coin.
///
/// Always an integer: no amount is ever rounded after it was charged.
public struct Money: Hashable, Comparable, Sendable {
  /// The most a cafe's balance may be, 10^12 milli-G-coin.
  ///
  /// With it every product in ``BillingRule`` stays below 2^53, so that Redis' Lua, which only
  /// has doubles, computes the same integers.
  public static let maximumBalance = Money(milliGCoin: 1_000_000_000_000)

  /// No money.
  public static let zero = Money(milliGCoin: 0)

  /// The amount in milli-G-coin; negative where money was taken away.
  public let milliGCoin: Int64

  /// An amount in milli-G-coin.
  public init(milliGCoin: Int64) {
    self.milliGCoin = milliGCoin
  }

  /// An amount written in G-coin with up to three decimals, such as `12`, `-0.5` or `230.125`.
  ///
  /// Returns nil for anything else: no exponent, no white space, no fourth decimal, at most
  /// ten digits before the point.
  public init?(gCoin text: String) {
    var digits = Substring(text)
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits = digits.dropFirst() }
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, Money.areDigits(whole), whole.count <= 10 else { return nil }
    let decimals = parts.count == 2 ? parts[1] : "0"
    guard Money.areDigits(decimals), decimals.count <= 3 else { return nil }
    let padded = decimals + String(repeating: "0", count: 3 - decimals.count)
    guard let thousands = Int64(whole), let rest = Int64(padded) else { return nil }
    let amount = thousands * 1000 + rest
    self.init(milliGCoin: isNegative ? -amount : amount)
  }

  /// The amount in G-coin with three decimals, for people: `-12.500`.
  public var gCoinText: String {
    let magnitude = milliGCoin.magnitude
    let decimals = String(magnitude % 1000)
    let padding = String(repeating: "0", count: 3 - decimals.count)
    return "\(milliGCoin < 0 ? "-" : "")\(magnitude / 1000).\(padding)\(decimals)"
  }

  public static func < (left: Money, right: Money) -> Bool {
    left.milliGCoin < right.milliGCoin
  }

  /// The sum of two amounts.
  public static func + (left: Money, right: Money) -> Money {
    Money(milliGCoin: left.milliGCoin + right.milliGCoin)
  }

  /// The difference of two amounts.
  public static func - (left: Money, right: Money) -> Money {
    Money(milliGCoin: left.milliGCoin - right.milliGCoin)
  }

  private static func areDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
