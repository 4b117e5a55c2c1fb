import Domain
import RedisClient

/// A cafe's account, as `lib/cafe.lua` writes it: balance, rate of spending, count of PCs, told
/// thresholds and status.
struct StoredAccount {
  let balance: Money
  let spendingPerHour: Money
  let status: CafeReport.Status

  /// Reads the reply to ``Keys/Name/account``'s GET; nil when there is no account, or none of ours.
  init?(_ reply: RedisReply) {
    guard let text = reply.textIfAny else { return nil }
    let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, let balance = Int64(stored: parts[0]),
      let spending = Int64(stored: parts[1]), let status = CafeReport.Status(rawValue: parts[4])
    else { return nil }
    self.balance = Money(milliGCoin: balance)
    spendingPerHour = Money(milliGCoin: spending)
    self.status = status
  }
}
