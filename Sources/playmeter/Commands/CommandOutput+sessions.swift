import Domain
import HTTPAPI
import JSON

extension SessionReport {
  fileprivate var stateText: String { endReason?.rawValue ?? state.rawValue }
}

extension CommandOutput {
  /// Sessions as rows.
  static func sessions(_ sessions: [SessionReport]) -> CommandOutput {
    let columns: [TextTable.Column] = [
      .text("SESSION"), .text("CAFE"), .text("PC"), .text("GAME"), .text("PLAYER"),
      .text("STATE"), .text("STARTED"), .number("PLAYED"), .number("BILLED"), .number("G-COIN"),
    ]
    let rows = sessions.map { session in
      [
        session.id.description, session.cafe.text, session.pc.text, session.game.text,
        session.user.text, session.stateText, Timestamp.text(of: session.startedAt),
        playTime(session.playSeconds), playTime(session.billedSeconds), session.charged.gCoinText,
      ]
    }
    return CommandOutput(
      json: .array(sessions.map(\.json)),
      text: sessions.isEmpty ? "There are no such sessions." : TextTable(columns, rows).text
    )
  }

  /// One session with its lines of the ledger.
  static func session(_ session: SessionReport) -> CommandOutput {
    let ledger = session.ledger.isEmpty ? [] : ["", ledgerTable(session.ledger)]
    return CommandOutput(
      json: session.jsonWithLedger,
      text: ([facts(session)] + ledger).lines
    )
  }

  /// A session that has just been ended.
  static func endedSession(_ session: SessionReport) -> CommandOutput {
    CommandOutput(json: session.json, text: facts(session))
  }

  private static func facts(_ session: SessionReport) -> String {
    TextTable.facts([
      ("Session", session.id.description),
      ("State", session.state.rawValue),
      ("Cafe", session.cafe.text),
      ("PC", "\(session.pc) (\(session.externalAddress))"),
      ("Game", session.game.text),
      ("Player", session.user.text),
      ("Rate", "\(session.tariff.gCoinText) G-coin an hour"),
      ("Launcher", session.launcher.description),
      ("Verified", Timestamp.text(of: session.startedAt)),
      ("First heartbeat", session.firstHeartbeatAt.map(Timestamp.text) ?? "-"),
      ("Last heartbeat", Timestamp.text(of: session.lastHeartbeatAt)),
      ("Ended", session.endedAt.map(Timestamp.text) ?? "-"),
      ("End reason", session.endReason?.rawValue ?? "-"),
      ("Played", playTime(session.playSeconds)),
      ("Billed", playTime(session.billedSeconds)),
      ("Not billed (grace)", playTime(session.unbilledGraceSeconds)),
      ("Not billed (held)", playTime(session.heldSeconds)),
      ("Charged", "\(session.charged.gCoinText) G-coin"),
    ])
  }

  private static func ledgerTable(_ lines: [LedgerLine]) -> String {
    let columns: [TextTable.Column] = [
      .number("SEQ"), .text("TIME"), .text("KIND"), .number("G-COIN"), .number("BALANCE"),
      .number("BILLED"), .text("REASON"),
    ]
    let rows = lines.map { line in
      [
        String(line.sequence), Timestamp.text(of: line.instant), line.text("kind") ?? "-",
        money("amount_mgcoin", of: line), money("balance_mgcoin", of: line),
        line.integer("billed_sec").map(playTime) ?? "-", line.text("reason") ?? "-",
      ]
    }
    return TextTable(columns, rows).text
  }

  private static func money(_ name: String, of line: LedgerLine) -> String {
    line.integer(name).map { Money(milliGCoin: $0).gCoinText } ?? "-"
  }

  /// Hours, minutes and seconds: `1:02:03`.
  static func playTime(_ seconds: Int64) -> String {
    let minutes = seconds / 60 % 60
    let rest = seconds % 60
    return "\(seconds / 3600):\(minutes < 10 ? "0" : "")\(minutes):\(rest < 10 ? "0" : "")\(rest)"
  }
}
