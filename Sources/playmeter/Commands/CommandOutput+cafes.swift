import Domain
import HTTPAPI
import JSON

extension CommandOutput {
  /// A new launcher secret, the one time that it is shown.
  static func issued(_ secret: IssuedSecret, _ sentence: String) -> CommandOutput {
    let digits = secret.json["launcher_secret"]?.string ?? ""
    let facts = TextTable.facts([("Launcher secret", digits)])
    let hint = "Keep the secret now: it is not shown again."
    return CommandOutput(json: secret.json, text: [sentence, "", facts, "", hint].lines)
  }

  /// All cafes.
  static func cafes(_ cafes: [CafeReport]) -> CommandOutput {
    let columns: [TextTable.Column] = [
      .text("CAFE"), .text("NAME"), .text("STATUS"), .number("G-COIN"), .number("LIVE"),
      .number("G-COIN/H"), .text("NETWORKS"),
    ]
    let rows = cafes.map { cafe in
      [
        cafe.id.text, cafe.name, cafe.status.rawValue, cafe.balance.gCoinText,
        String(cafe.liveSessions), cafe.spendingPerHour.gCoinText,
        cafe.networks.map(\.description).joined(separator: ","),
      ]
    }
    return CommandOutput(
      json: .array(cafes.map(\.json)),
      text: cafes.isEmpty ? "There are no cafes." : TextTable(columns, rows).text
    )
  }

  /// One cafe.
  static func cafe(_ cafe: CafeReport) -> CommandOutput {
    let facts = TextTable.facts([
      ("Cafe", cafe.id.text),
      ("Name", cafe.name),
      ("Status", cafe.status.rawValue),
      ("Balance", "\(cafe.balance.gCoinText) G-coin"),
      ("Live sessions", String(cafe.liveSessions)),
      ("Spending", "\(cafe.spendingPerHour.gCoinText) G-coin an hour"),
      ("Networks", cafe.networks.map(\.description).joined(separator: ", ")),
    ])
    return CommandOutput(json: cafe.json, text: facts)
  }

  /// What became of a top-up or an adjustment.
  static func booking(
    _ booking: Booking,
    of entry: BalanceEntry,
    for cafe: CafeID
  ) -> CommandOutput {
    let amount = "\(entry.amount.gCoinText) G-coin"
    let sentence =
      booking.isApplied
      ? "Booked \(amount) for cafe \(cafe) as \(entry.reference)."
      : "\(entry.reference) was booked before with \(amount); nothing is changed."
    return CommandOutput(
      json: booking.json(of: cafe),
      text: "\(sentence)\nThe balance is \(booking.balance.gCoinText) G-coin."
    )
  }

  /// What became of a compensation.
  static func compensation(
    _ report: CompensationReport,
    as reference: BookingReference,
    for cafe: CafeID
  ) -> CommandOutput {
    let amount = "\(report.credited.gCoinText) G-coin for \(report.sessions) sessions"
    let sentence =
      report.isApplied
      ? "Credited cafe \(cafe) \(amount) as \(reference)."
      : "\(reference) was credited before with \(amount); nothing is changed."
    return CommandOutput(
      json: report.json(of: cafe),
      text: "\(sentence)\nThe balance is \(report.balance.gCoinText) G-coin."
    )
  }
}
