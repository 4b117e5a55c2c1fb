import Domain
import Synchronization

/// One row and one finding, and a record of what was asked in words.
final class AccountingDouble: Accounting {
  private let record = Mutex<[String]>([])
  private let refusal: AdministrationError?

  /// With a refusal everything is refused with it.
  init(refusal: AdministrationError? = nil) { self.refusal = refusal }

  var commands: [String] { record.withLock { $0 } }

  func reconcile() async throws(AdministrationError) -> Reconciliation {
    try note("reconcile")
    var result = Reconciliation()
    result.sessionsChecked = 7
    result.cafesChecked = 2
    result.linesRead = 40
    result.residual = Money(milliGCoin: 5)
    result.add(Finding(.balance, ["north"], "the balance is 5 mgcoin, its lines give 0"))
    return result
  }

  func settle(_ request: SettlementRequest) async throws(AdministrationError) -> Settlement {
    let (cafe, game) = (request.cafe?.text ?? "-", request.game?.text ?? "-")
    try note("settle \(request.month) \(cafe) \(game) \(request.isPreview)")
    var totals = Settlement.Totals()
    totals.sessions = 1
    totals.playSeconds = 75
    totals.billableSeconds = 60
    totals.unbilledGraceSeconds = 10
    totals.heldSeconds = 5
    totals.debited = Money(milliGCoin: 700)
    totals.reversed = Money(milliGCoin: 100)
    return Settlement(
      month: request.month,
      timeZone: "Asia/Seoul",
      bounds: Instant(milliseconds: 1000)..<Instant(milliseconds: 2000),
      isPreview: request.isPreview,
      rows: [Settlement.Row(cafe: "north", game: "river", totals: totals)]
    )
  }

  private func note(_ command: String) throws(AdministrationError) {
    record.withLock { $0.append(command) }
    if let refusal { throw refusal }
  }
}
