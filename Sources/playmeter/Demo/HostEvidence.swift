/// What was seen of a host: when it was heard, when it was gone, and who had its slots.
///
/// Times are since the start of the evening. A client is counted from the answer that gave it the
/// slot until just before it gave that back, so that two who certainly had it at once are two.
struct HostEvidence: Sendable, Equatable {
  let name: String
  let slots: Int
  /// How long it lives without a heartbeat, as it was told; nil before it joined.
  var lifetime: Duration?
  /// When its last heartbeat was answered.
  var heard: Duration?
  /// Where its part is.
  var state = State.away
  /// When the list of hosts no longer had it after its crash.
  var gone: Duration?
  /// The slots that it gave away.
  var matches: [Holding] = []

  /// Where a host's part is.
  enum State: Sendable, Equatable {
    case away, live, silent, left
  }

  /// A client's time on a slot.
  struct Holding: Sendable, Equatable {
    let client: String
    let reservation: String
    let from: Duration
    /// Nil while it lasts.
    var until: Duration?
  }

  init(name: String, slots: Int) {
    self.name = name
    self.slots = slots
  }

  /// How many clients had its slots at once at most.
  var mostAtOnce: Int {
    var most = 0
    for match in matches {
      let holding = matches.filter { $0.isHeld(at: match.from) }
      most = max(most, holding.count)
    }
    return most
  }

  /// How long after its last heartbeat a crashed host was no longer listed.
  var goneAfter: Duration? {
    guard let gone, let heard else { return nil }
    return gone - heard
  }
}

extension HostEvidence.Holding {
  fileprivate func isHeld(at time: Duration) -> Bool {
    guard let until else { return from <= time }
    return from <= time && time < until
  }
}

/// What is to be said of one host.
struct HostVerdict: Sendable, Equatable {
  /// A list of hosts may be a second old, we look twice a second, and answers take time.
  private static let latestAfterLifetime = Duration.seconds(3)
  /// Its life begins before we hear of it.
  private static let earliestBeforeLifetime = Duration.milliseconds(500)

  let evidence: HostEvidence
  /// What differs, in words.
  let findings: [String]

  var isSound: Bool { findings.isEmpty }

  init(_ evidence: HostEvidence) {
    self.evidence = evidence
    var findings: [String] = []
    if evidence.mostAtOnce > evidence.slots {
      findings.append("\(evidence.mostAtOnce) clients at once on \(evidence.slots) slots")
    }
    if evidence.state == .silent { findings += Self.findings(onCrash: evidence) }
    self.findings = findings
  }

  private static func findings(onCrash evidence: HostEvidence) -> [String] {
    guard let after = evidence.goneAfter, let lifetime = evidence.lifetime else {
      return ["it has crashed, but is still listed"]
    }
    let text = ClockText.seconds(of: after)
    let latest = lifetime + latestAfterLifetime
    let earliest = lifetime - earliestBeforeLifetime
    if after > latest {
      return ["it was listed for \(text) after its crash"]
    }
    if after < earliest {
      return ["it was given up after \(text) already"]
    }
    return []
  }
}
