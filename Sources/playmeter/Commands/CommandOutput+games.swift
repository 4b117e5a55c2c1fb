import Domain
import HTTPAPI
import JSON

extension Tariff {
  /// G-coin per hour with three decimals, for people.
  var gCoinText: String { Money(milliGCoin: milliGCoinPerHour).gCoinText }
}

extension GameReport {
  fileprivate var statusText: String { game.isEnabled ? "enabled" : "disabled" }
}

extension CommandOutput {
  /// A new API key, the one time that it is shown.
  static func issued(_ key: IssuedKey, _ sentence: String) -> CommandOutput {
    let facts = TextTable.facts([("API key", key.apiKey), ("Key id", key.keyID)])
    let hint = "Keep the key now: it is not shown again."
    return CommandOutput(json: key.json, text: [sentence, "", facts, "", hint].lines)
  }

  /// All games.
  static func games(_ games: [GameReport]) -> CommandOutput {
    let columns: [TextTable.Column] = [
      .text("GAME"), .text("NAME"), .text("STATUS"), .number("G-COIN/H"), .text("KEYS"),
      .text("LAUNCH URL"),
    ]
    let rows = games.map { report in
      [
        report.game.id.text, report.game.name, report.statusText, report.game.tariff.gCoinText,
        report.keys.map(\.id).joined(separator: ","), report.game.launchURL ?? "-",
      ]
    }
    return CommandOutput(
      json: .array(games.map(\.json)),
      text: games.isEmpty ? "There are no games." : TextTable(columns, rows).text
    )
  }

  /// One game with its keys.
  static func game(_ report: GameReport) -> CommandOutput {
    let keys = report.keys.map { key in
      (name: "Key", value: "\(key.id), made \(Timestamp.text(of: key.createdAt))")
    }
    let facts = [
      (name: "Game", value: report.game.id.text),
      (name: "Name", value: report.game.name),
      (name: "Status", value: report.statusText),
      (name: "Rate", value: "\(report.game.tariff.gCoinText) G-coin an hour"),
      (name: "Launch URL", value: report.game.launchURL ?? "-"),
    ]
    return CommandOutput(json: report.json, text: TextTable.facts(facts + keys))
  }
}

extension [String] {
  /// The strings as lines of one text.
  var lines: String { joined(separator: "\n") }
}
