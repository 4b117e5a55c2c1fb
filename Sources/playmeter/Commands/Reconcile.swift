import ArgumentParser
import Domain
import HTTPAPI
import JSON

/// `playmeter reconcile`: whether all money is right.
struct Reconcile: AccountingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recompute every session and every balance from the ledger.",
    discussion: """
      It only reads, and can be run at any time. It ends with status 1 unless the residual is 0 \
      and there is no finding.
      """
  )

  @OptionGroup var options: GlobalOptions

  func output(from accounting: any Accounting) async throws -> AccountingOutput {
    let result = try await accounting.reconcile()
    return AccountingOutput(
      text: options.json ? result.json.text : result.text,
      isGood: result.isClean
    )
  }
}
