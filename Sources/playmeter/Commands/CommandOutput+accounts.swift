import Domain
import HTTPAPI
import JSON

extension Settlement {
  /// The rows as a bare array, like every list of the command line.
  var rowsJSON: JSONValue { .array(rows.map(\.json)) }

  /// Comma-separated values with the names of the JSON; no name of ours needs quotes.
  var csv: String {
    let names = [
      "cafe_id", "game_id", "sessions", "play_duration_sec", "billable_sec", "unbilled_grace_sec",
      "held_sec", "debited_mgcoin", "reversed_mgcoin", "net_mgcoin",
    ]
    let lines = rows.map { row in
      let totals = row.totals
      let numbers = [
        totals.sessions, totals.playSeconds, totals.billableSeconds, totals.unbilledGraceSeconds,
        totals.heldSeconds, totals.debited.milliGCoin, totals.reversed.milliGCoin,
        totals.net.milliGCoin,
      ]
      return ([row.cafe, row.game] + numbers.map(String.init)).joined(separator: ",")
    }
    return ([names.joined(separator: ",")] + lines).joined(separator: "\n")
  }

  /// Rows and their sum for a terminal, money in G-coin.
  var table: String {
    let name = "\(month) (\(timeZone))\(isPreview ? ", preview" : "")"
    guard !rows.isEmpty else { return "\(name)\nNothing was played." }
    let columns: [TextTable.Column] = [
      .text("CAFE"), .text("GAME"), .number("SESSIONS"), .number("PLAYED"), .number("BILLED"),
      .number("GRACE"), .number("HELD"), .number("DEBITED"), .number("REVERSED"), .number("NET"),
    ]
    let sum = rows.reduce(into: Totals()) { $0 += $1.totals }
    let cells =
      rows.map { [$0.cafe, $0.game] + $0.totals.cells } + [["total", ""] + sum.cells]
    return "\(name)\n\(TextTable(columns, cells).text)"
  }
}

extension Settlement.Totals {
  fileprivate var cells: [String] {
    [
      String(sessions), CommandOutput.playTime(playSeconds),
      CommandOutput.playTime(billableSeconds), CommandOutput.playTime(unbilledGraceSeconds),
      CommandOutput.playTime(heldSeconds), debited.gCoinText, reversed.gCoinText, net.gCoinText,
    ]
  }
}

extension Reconciliation {
  /// What was checked, and a line for each finding.
  var text: String {
    let facts = TextTable.facts([
      ("Sessions checked", String(sessionsChecked)),
      ("Cafes checked", String(cafesChecked)),
      ("Lines read", String(linesRead)),
      ("Lines lost", String(linesLost)),
      ("Residual", "\(residual.gCoinText) G-coin"),
      ("Findings", String(findingCount)),
    ])
    guard !findings.isEmpty else { return facts }
    let rows = findings.map { [$0.invariant.rawValue, $0.ids.joined(separator: " "), $0.text] }
    let table = TextTable([.text("RULE"), .text("LOOK AT"), .text("FINDING")], rows).text
    return "\(facts)\n\n\(table)"
  }
}
