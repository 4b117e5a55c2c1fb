import Domain
import HTTPAPI
import JSON

extension CommandOutput {
  /// The verdict as tables that end in a sentence, or as one document.
  static func verdict(_ verdict: Verdict) -> CommandOutput {
    let findings = verdict.sessions.flatMap { session in
      session.findings.map { "\(session.evidence.pc), \(session.evidence.user): \($0)" }
    }
    let hostFindings = verdict.hosts.flatMap { host in
      host.findings.map { "\(host.evidence.name): \($0)" }
    }
    let parts = [
      sessionTable(verdict.sessions), cafeTable(verdict.cafes), hostTable(verdict.hosts),
      (findings + hostFindings).map(Printable.text).joined(separator: "\n"), sentence(verdict),
    ]
    return CommandOutput(
      json: verdict.json,
      text: parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    )
  }

  private static func sessionTable(_ sessions: [SessionVerdict]) -> String {
    let columns: [TextTable.Column] = [
      .text("PC"), .text("PLAYER"), .text("REASON"), .number("PLAYED"), .number("BILLED"),
      .number("UNBILLED"), .number("DEBITED"), .number("BACK"), .number("CHARGED"),
      .number("RULE"), .text("OK"),
    ]
    let rows = sessions.map { session in
      let evidence = session.evidence
      return [
        evidence.pc, evidence.user, evidence.reason?.rawValue ?? evidence.state.rawValue,
        "\(evidence.playSeconds) s", "\(evidence.billedSeconds) s",
        "\(evidence.unbilledSeconds) s", evidence.debited.gCoinText, evidence.reversed.gCoinText,
        evidence.charged.gCoinText, session.rule?.gCoinText ?? "?", word(session.isSound),
      ]
    }
    return TextTable(columns, rows).text
  }

  private static func cafeTable(_ cafes: [CafeVerdict]) -> String {
    let columns: [TextTable.Column] = [
      .text("CAFE"), .number("OPENING"), .number("BOOKED"), .number("CHARGED"),
      .number("EXPECTED"), .number("BALANCE"), .text("OK"),
    ]
    let rows = cafes.map { cafe in
      [
        cafe.id, cafe.opening.gCoinText, cafe.booked.gCoinText, cafe.charged.gCoinText,
        cafe.expected.gCoinText, cafe.balance.gCoinText, word(cafe.isSound),
      ]
    }
    return TextTable(columns, rows).text
  }

  private static func hostTable(_ hosts: [HostVerdict]) -> String {
    guard !hosts.isEmpty else { return "" }
    let columns: [TextTable.Column] = [
      .text("HOST"), .number("SLOTS"), .number("MATCHES"), .number("AT ONCE"), .text("END"),
      .text("OK"),
    ]
    let rows = hosts.map { host in
      let evidence = host.evidence
      return [
        evidence.name, "\(evidence.slots)", "\(evidence.matches.count)", "\(evidence.mostAtOnce)",
        evidence.endText, word(host.isSound),
      ]
    }
    return TextTable(columns, rows).text
  }

  private static func word(_ isSound: Bool) -> String { isSound ? "yes" : "NO" }

  private static func sentence(_ verdict: Verdict) -> String {
    guard verdict.isSound else {
      let counts = [
        count(verdict.sessions.map(\.isSound), "sessions"),
        count(verdict.cafes.map(\.isSound), "balances"),
        verdict.hosts.isEmpty ? nil : count(verdict.hosts.map(\.isSound), "hosts"),
      ]
      return "Something differs from the rule: "
        + counts.compactMap(\.self).joined(separator: ", ") + "."
    }
    let hosts = verdict.hosts.isEmpty ? "" : "\n" + hostSentence(verdict.hosts)
    return "Every charge equals the rule: \(verdict.sessions.count) sessions, "
      + "\(verdict.charged.gCoinText) G-coin. The balances agree as well." + hosts
  }

  /// How many are not sound, of how many.
  private static func count(_ soundness: [Bool], _ name: String) -> String {
    "\(soundness.count { !$0 }) of \(soundness.count) \(name)"
  }

  private static func hostSentence(_ hosts: [HostVerdict]) -> String {
    let matches = hosts.map(\.evidence.matches.count).reduce(0, +)
    return "No slot was handed out twice in \(matches) matches, and the crashed host is gone."
  }
}

extension Verdict {
  /// The verdict as a document.
  fileprivate var json: JSONValue {
    [
      "ok": .bool(isSound),
      "sessions": .array(sessions.map(\.json)),
      "cafes": .array(cafes.map(\.json)),
      "hosts": .array(hosts.map(\.json)),
    ]
  }
}

extension SessionVerdict {
  fileprivate var json: JSONValue {
    [
      "game_session_id": .string(evidence.id),
      "cafe_id": .string(evidence.cafe),
      "pc_id": .string(evidence.pc),
      "game_id": .string(evidence.game),
      "provider_user_id": .string(evidence.user),
      "end_reason": .optional(evidence.reason?.rawValue),
      "expected_end_reason": .string(expectedReason.rawValue),
      "play_duration_sec": .integer(evidence.playSeconds),
      "billable_sec": .integer(evidence.billedSeconds),
      "unbilled_grace_sec": .integer(evidence.unbilledSeconds),
      "held_sec": .integer(evidence.heldSeconds),
      "debited_mgcoin": .integer(evidence.debited.milliGCoin),
      "reversed_mgcoin": .integer(evidence.reversed.milliGCoin),
      "charged_mgcoin": .integer(evidence.charged.milliGCoin),
      "rule_mgcoin": .optional(rule?.milliGCoin),
      "ok": .bool(isSound),
      "findings": .array(findings.map(JSONValue.string)),
    ]
  }
}

extension CafeVerdict {
  fileprivate var json: JSONValue {
    [
      "cafe_id": .string(id),
      "opening_mgcoin": .integer(opening.milliGCoin),
      "booked_mgcoin": .integer(booked.milliGCoin),
      "charged_mgcoin": .integer(charged.milliGCoin),
      "expected_balance_mgcoin": .integer(expected.milliGCoin),
      "balance_mgcoin": .integer(balance.milliGCoin),
      "ok": .bool(isSound),
    ]
  }
}

extension HostEvidence {
  /// How its part has ended, for the table.
  fileprivate var endText: String {
    switch state {
    case .away: "never joined"
    case .live: "lives on"
    case .left: "left"
    case .silent: "crashed, \(goneText)"
    }
  }

  private var goneText: String {
    guard let goneAfter else { return "still listed" }
    return "gone after " + ClockText.seconds(of: goneAfter)
  }

  /// After how many milliseconds a crashed host was gone.
  fileprivate var goneAfterMilliseconds: Int64? {
    guard let parts = goneAfter?.components else { return nil }
    return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
  }
}

extension HostVerdict {
  fileprivate var json: JSONValue {
    [
      "host_id": .string(evidence.name),
      "slots": .integer(Int64(evidence.slots)),
      "matches": .integer(Int64(evidence.matches.count)),
      "most_at_once": .integer(Int64(evidence.mostAtOnce)),
      "has_crashed": .bool(evidence.state == .silent),
      "gone_after_ms": .optional(evidence.goneAfterMilliseconds),
      "ok": .bool(isSound),
      "findings": .array(findings.map(JSONValue.string)),
    ]
  }
}
