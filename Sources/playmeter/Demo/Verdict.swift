import Domain

/// Whether every charge of the evening equals the rule, and every balance its bookings.
///
/// It is computed from the evidence alone: the ledger for what was taken and given back, and
/// ``BillingRule`` for what should have been.
struct Verdict: Sendable, Equatable {
  /// The sessions in the order in which they started.
  let sessions: [SessionVerdict]
  /// The cafes.
  let cafes: [CafeVerdict]
  /// The hosts; none where the service takes none.
  var hosts: [HostVerdict] = []

  /// Whether nothing differs.
  var isSound: Bool {
    sessions.allSatisfy(\.isSound) && cafes.allSatisfy(\.isSound) && hosts.allSatisfy(\.isSound)
  }
  /// What all sessions cost together.
  var charged: Money { sessions.map(\.evidence.charged).reduce(.zero, +) }
}

/// What is to be said of one session.
struct SessionVerdict: Sendable, Equatable {
  /// What the service says.
  let evidence: SessionEvidence
  /// Why the script lets it end.
  let expectedReason: EndReason
  /// What the rule makes of the billed seconds; nil when the ledger does not tell the rate.
  let rule: Money?
  /// What differs, in words.
  let findings: [String]

  var isSound: Bool { findings.isEmpty }

  /// Judges a session by its evidence.
  ///
  /// - Parameter tariff: What the game costs, as the operator sees it.
  init(_ evidence: SessionEvidence, expected: EndReason, tariff: Tariff?) {
    self.evidence = evidence
    expectedReason = expected
    let start = evidence.ledger.first { $0.kind == .start }
    let recorded = start?.milliGCoinPerHour.flatMap(Tariff.init(milliGCoinPerHour:))
    rule = recorded.map { BillingRule(tariff: $0).cost(seconds: evidence.billedSeconds) }
    findings = Self.findings(evidence, expected, rule: rule, hasRate: recorded == tariff)
  }

  private static func findings(
    _ evidence: SessionEvidence,
    _ expected: EndReason,
    rule: Money?,
    hasRate: Bool
  ) -> [String] {
    let net = evidence.debited - evidence.reversed
    let seconds = evidence.billedSeconds + evidence.unbilledSeconds + evidence.heldSeconds
    let claims: [(isTrue: Bool, otherwise: String)] = [
      (hasRate, "the ledger has another rate than the game"),
      (evidence.charged == rule, "the rule gives \(rule?.gCoinText ?? "nothing")"),
      (evidence.charged == net, "the ledger took \(net.gCoinText)"),
      (evidence.playSeconds == seconds, "billed, unbilled and held make \(seconds) s"),
      (evidence.reason == expected, "it should have ended as \(expected.rawValue)"),
    ]
    return claims.filter { !$0.isTrue }.map(\.otherwise)
  }
}

/// What is to be said of one cafe's balance.
struct CafeVerdict: Sendable, Equatable {
  let id: String
  /// What it had before the evening.
  let opening: Money
  /// Top-ups and corrections of the evening together.
  let booked: Money
  /// What its sessions cost.
  let charged: Money
  /// What it has now.
  let balance: Money

  /// What it should have.
  var expected: Money { opening + booked - charged }
  var isSound: Bool { balance == expected }
}
