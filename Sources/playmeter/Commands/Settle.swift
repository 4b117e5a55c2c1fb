import ArgumentParser
import Domain
import HTTPAPI
import JSON

/// `playmeter settle`: what a month of play cost.
struct Settle: AccountingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Settle a month: what each cafe's play of each game cost.",
    discussion: """
      The month's midnights are those of PLAYMETER_SETTLEMENT_TIME_ZONE. A second belongs to the \
      month in which it was played, so a session over a month's end is split there; it counts as a \
      session where it started. The whole ledger is reconciled before, and unless everything holds \
      nothing is settled. Running it twice prints the same bytes.

        playmeter settle --month 2026-03 --format csv
      """
  )

  /// How a settlement is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    /// For people, money in G-coin.
    case table
    /// For spreadsheets, money in milli-G-coin.
    case csv
    /// The same as `--json`.
    case json
  }

  @Option(
    help: ArgumentHelp("The month, such as 2026-03.", valueName: "yyyy-mm"),
    transform: ArgumentText.month
  )
  var month: Month
  @Flag(help: "Show a month that is not over or not decided, as far as it is played and paid.")
  var preview = false
  @Option(help: "Only what this cafe pays.", transform: ArgumentText.name)
  var cafe: CafeID?
  @Option(help: "Only this game.", transform: ArgumentText.name)
  var game: GameID?
  @Option(help: "How to print it: table, csv or json. [default: table]")
  var format: Format?
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if options.json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) contradict each other.")
    }
  }

  func output(from accounting: any Accounting) async throws -> AccountingOutput {
    let settlement = try await accounting.settle(
      SettlementRequest(month: month, cafe: cafe, game: game, isPreview: preview)
    )
    let text =
      switch options.json ? .json : format ?? .table {
      case .table: settlement.table
      case .csv: settlement.csv
      case .json: settlement.rowsJSON.text
      }
    return AccountingOutput(text: text, isGood: true)
  }
}
