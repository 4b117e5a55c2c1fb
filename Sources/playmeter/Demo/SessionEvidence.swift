import Domain
import HTTPAPI
import JSON

/// A session as `/v1/admin/sessions` shows it, so far as the demonstration looks at it.
struct SessionEvidence: Sendable, Equatable {
  let id: String
  let cafe: String
  let pc: String
  let game: String
  let user: String
  let state: SessionState
  /// Why it ended; nil while it lives.
  let reason: EndReason?
  let playSeconds: Int64
  let billedSeconds: Int64
  let unbilledSeconds: Int64
  let heldSeconds: Int64
  let charged: Money
  /// Its ledger; empty in a list of sessions.
  var ledger: [Line] = []

  /// A line of the ledger.
  struct Line: Sendable, Equatable {
    /// What it records; nil for a kind that we do not know.
    let kind: LedgerKind?
    /// What it did to the balance.
    let amount: Money
    /// The rate that a start line fixes.
    var milliGCoinPerHour: Int64?
  }

  /// What was taken from the balance.
  var debited: Money { Money.zero - amount(of: .debit) }
  /// What was given back when the session was closed.
  var reversed: Money { amount(of: .reversal) }

  private func amount(of kind: LedgerKind) -> Money {
    ledger.filter { $0.kind == kind }.map(\.amount).reduce(.zero, +)
  }
}

extension SessionEvidence {
  /// Reads a session; nil when the document lacks something that every session has.
  init?(_ document: JSONValue) {
    guard let id = document["game_session_id"]?.string,
      let cafe = document["cafe_id"]?.string, let pc = document["pc_id"]?.string,
      let game = document["game_id"]?.string,
      let user = document["provider_user_id"]?.string,
      let state = document["state"]?.string.flatMap(SessionState.init),
      let play = document["play_duration_sec"]?.integer,
      let billed = document["billable_sec"]?.integer,
      let unbilled = document["unbilled_grace_sec"]?.integer,
      let held = document["held_sec"]?.integer,
      let charged = document["charged_mgcoin"]?.integer
    else { return nil }
    self.init(
      id: id,
      cafe: cafe,
      pc: pc,
      game: game,
      user: user,
      state: state,
      reason: document["end_reason"]?.string.flatMap(EndReason.init),
      playSeconds: play,
      billedSeconds: billed,
      unbilledSeconds: unbilled,
      heldSeconds: held,
      charged: Money(milliGCoin: charged),
      ledger: (document["ledger"]?.array ?? []).map(Line.init)
    )
  }
}

extension SessionEvidence.Line {
  fileprivate init(_ document: JSONValue) {
    kind = document["kind"]?.string.flatMap(LedgerKind.init)
    amount = Money(milliGCoin: document["amount_mgcoin"]?.integer ?? 0)
    milliGCoinPerHour = document["rate_mgcoin_per_hour"]?.integer
  }
}
