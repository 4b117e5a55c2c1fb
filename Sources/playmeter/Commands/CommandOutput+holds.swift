import Domain
import HTTPAPI
import JSON

extension CommandOutput {
  /// The holds that are on.
  static func holds(_ holds: [HoldReport]) -> CommandOutput {
    let columns: [TextTable.Column] = [
      .text("CAFE"), .text("GAME"), .text("SINCE"), .number("PARTITIONS"),
    ]
    let rows = holds.map { hold in
      [
        hold.scope.cafe?.text ?? "all", hold.scope.game?.text ?? "all",
        Timestamp.text(of: hold.since), String(hold.partitions),
      ]
    }
    return CommandOutput(
      json: .array(holds.map(\.json)),
      text: holds.isEmpty ? "No hold is on." : TextTable(columns, rows).text
    )
  }

  /// What became of switching a hold.
  static func hold(_ isOn: Bool, for scope: HoldScope, isApplied: Bool) -> CommandOutput {
    let state = isOn ? "on" : "off"
    let sentence =
      isApplied
      ? "The hold for \(scope.words) is \(state)."
      : "The hold for \(scope.words) was \(state) already; nothing is changed."
    return CommandOutput(json: scope.json(isOn: isOn, isApplied: isApplied), text: sentence)
  }
}

extension HoldScope {
  /// The scope for people.
  fileprivate var words: String {
    switch (cafe, game) {
    case (nil, nil): "all sessions"
    case (let cafe?, nil): "cafe \(cafe)"
    case (nil, let game?): "game \(game)"
    case (let cafe?, let game?): "game \(game) in cafe \(cafe)"
    }
  }
}
