import Domain
import JSON

// What is computed from the ledger, as `/v1/admin` and the command line's `--json` print it.

extension Settlement {
  /// A settlement with its rows.
  public var json: JSONValue {
    [
      "month": .string(month.description),
      "time_zone": .string(timeZone),
      "from": .integer(bounds.lowerBound.milliseconds),
      "to": .integer(bounds.upperBound.milliseconds),
      "preview": .bool(isPreview),
      "settlements": .array(rows.map(\.json)),
    ]
  }
}

extension Settlement.Row {
  /// A cafe and a game with their sums.
  public var json: JSONValue {
    [
      "cafe_id": .string(cafe),
      "game_id": .string(game),
      "sessions": .integer(totals.sessions),
      "play_duration_sec": .integer(totals.playSeconds),
      "billable_sec": .integer(totals.billableSeconds),
      "unbilled_grace_sec": .integer(totals.unbilledGraceSeconds),
      "held_sec": .integer(totals.heldSeconds),
      "debited_mgcoin": .integer(totals.debited.milliGCoin),
      "reversed_mgcoin": .integer(totals.reversed.milliGCoin),
      "net_mgcoin": .integer(totals.net.milliGCoin),
    ]
  }
}

extension Reconciliation {
  /// What was checked and found.
  public var json: JSONValue {
    [
      "sessions_checked": .integer(sessionsChecked),
      "cafes_checked": .integer(cafesChecked),
      "lines_read": .integer(linesRead),
      "lines_lost": .integer(linesLost),
      "residual_mgcoin": .integer(residual.milliGCoin),
      "findings_total": .integer(findingCount),
      "findings": .array(findings.map(\.json)),
    ]
  }
}

extension Finding {
  /// What does not hold, and where to look.
  public var json: JSONValue {
    [
      "invariant": .string(invariant.rawValue),
      "ids": .array(ids.map(JSONValue.string)),
      "finding": .string(text),
    ]
  }
}
