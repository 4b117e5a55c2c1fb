import Domain

/// What a simulation did, for its summary.
public struct Tally: Sendable, CustomStringConvertible {
  /// Calls made, repeats included.
  public internal(set) var steps = 0
  public internal(set) var sessions = 0
  /// Calls whose outcome nobody was told.
  public internal(set) var unknown = 0
  public internal(set) var lines = 0
  public internal(set) var audits = 0
  /// Sessions whose record was compared with the auditor's at the end.
  public internal(set) var compared = 0
  public internal(set) var faults: [String: Int] = [:]
  public internal(set) var reasons: [String: Int] = [:]
  public internal(set) var answers: [String: Int] = [:]
  /// Lines that tell of outages, holds by hand, low balances and a clock that went back; and
  /// sessions of which a part was held.
  public internal(set) var notes: [String: Int] = [:]
  public internal(set) var simulatedMilliseconds: Int64 = 0
  public internal(set) var wallTime = Duration.zero

  /// How many faults were injected.
  public var faultCount: Int { faults.values.reduce(0, +) }

  public var description: String {
    let hours = simulatedMilliseconds / 3_600_000
    return """
      \(sessions) sessions, \(steps) steps, \(lines) ledger lines, \(faultCount) faults, \
      \(unknown) outcomes unknown, \(audits) audits, \(compared) records compared
      \(hours / 24) d \(hours % 24) h simulated in \(wallTime)
      faults: \(Self.list(faults))
      ends: \(Self.list(reasons))
      answers: \(Self.list(answers))
      notes: \(Self.list(notes))
      """
  }

  private static func list(_ counts: [String: Int]) -> String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}

extension Tally {
  mutating func count(_ answer: Answer, _ lines: [LedgerLine]) {
    self.lines += lines.count
    for line in lines {
      switch line.kind {
      case .outage?, .holdOn?, .lowBalance?, .clock?:
        notes[line.text("kind") ?? "", default: 0] += 1
      default: break
      }
      if line.kind == .start { sessions += 1 }
      if line.integer("held_sec") ?? 0 > 0 { notes["held session", default: 0] += 1 }
      if line.kind == .end { reasons[line.text("reason") ?? "", default: 0] += 1 }
    }
    switch answer {
    case .verified(.refused(let reason)): answers[reason.rawValue, default: 0] += 1
    case .beat(.alive(let pulse)):
      answers[pulse.graceSeconds == nil ? "OK" : "CHARGE_EXHAUSTED", default: 0] += 1
    case .beat(.replaced): answers["SESSION_REPLACED", default: 0] += 1
    case .beat(.ending): answers["SESSION_ENDING", default: 0] += 1
    case .beat(.ended): answers["SESSION_ENDED", default: 0] += 1
    case .beat(.notFound), .end(.notFound): answers["SESSION_NOT_FOUND", default: 0] += 1
    case .end(.alreadyEnded): answers["ALREADY_ENDED", default: 0] += 1
    default: break
    }
  }
}
