import Domain

/// A living session as its lines tell it, for the audit.
struct OpenSession: Sendable {
  let cafe: String
  let pc: String
  let game: String
  let rule: BillingRule
  let start: Instant
  /// Paid seconds at the latest debit or reversal; it may be more by seconds that cost nothing.
  var billed: Int64 = 0
  /// What the lines took, less what they gave back.
  var charged: Int64 = 0
  /// By how much lines with a finding of their own differ from the rule.
  var known: Int64 = 0
  /// How many lines it has.
  var sequence: Int64 = 1

  /// A session from its start line; nil when a member is missing.
  init?(start line: LedgerLine) {
    guard let cafe = line.text("cafe_id"), let pc = line.text("pc_id"),
      let game = line.text("game_id"),
      let tariff = line.integer("rate_mgcoin_per_hour").flatMap(Tariff.init(milliGCoinPerHour:))
    else { return nil }
    self.cafe = cafe
    self.pc = pc
    self.game = game
    rule = BillingRule(tariff: tariff)
    start = line.instant
  }

  /// Its PC as findings name it.
  var place: String { "\(cafe):\(pc)" }
  /// In milli-G-coin per hour.
  var rate: Int64 { rule.tariff.milliGCoinPerHour }

  /// What so many seconds cost.
  func cost(_ seconds: Int64) -> Int64 { rule.cost(seconds: seconds).milliGCoin }
}
