/// The rule that turns seconds of play into money, in its readable form.
///
/// The same rule runs inside Redis (`Scripts/lib/billing.lua`), where it is atomic with the debit.
/// A test proves the two equal; whoever checks a bill uses this one.
public struct BillingRule: Sendable {
  /// The rate, fixed at the session's start.
  public let tariff: Tariff

  /// The rule at a tariff.
  public init(tariff: Tariff) {
    self.tariff = tariff
  }

  /// What `seconds` of play cost in total: floor(rate × seconds / 3600).
  ///
  /// A debit is always the cost of all seconds so far less what was charged so far, so late, early,
  /// doubled or missed ticks cannot change the total.
  ///
  /// A damaged record may claim any number of seconds. Those past 2,900 years cost no more, which
  /// is wrong enough to be found.
  public func cost(seconds: Int64) -> Money {
    let most = Int64.max / tariff.milliGCoinPerHour
    let seconds = min(max(seconds, -most), most)
    return Money(milliGCoin: tariff.milliGCoinPerHour * seconds / 3600)
  }

  /// The most seconds whose cost is within `charged + balance`.
  ///
  /// It is the largest s with floor(rate × s / 3600) ≤ m, which is
  /// floor(((m + 1) × 3600 − 1) / rate).
  public func secondsCovered(charged: Money, balance: Money) -> Int64 {
    (((charged + balance).milliGCoin + 1) * 3600 - 1) / tariff.milliGCoinPerHour
  }

  /// Brings a meter that has `billedSeconds` paid to `playedSeconds`, as far as `balance` goes.
  ///
  /// Fewer played seconds than billed ones give a negative debit: a reversal.
  public func step(billedSeconds: Int64, playedSeconds: Int64, balance: Money) -> Step {
    let charged = cost(seconds: billedSeconds)
    let covered = secondsCovered(charged: charged, balance: balance)
    let billed = min(playedSeconds, max(covered, billedSeconds))
    return Step(
      billedSeconds: billed,
      debit: cost(seconds: billed) - charged,
      isExhausted: billed < playedSeconds
    )
  }

  /// What one step of a meter does.
  public struct Step: Hashable, Sendable {
    /// Seconds paid after the step.
    public let billedSeconds: Int64
    /// What the step takes from the balance; negative when it gives back.
    public let debit: Money
    /// Whether played seconds are left that the balance does not pay.
    public let isExhausted: Bool
  }
}
