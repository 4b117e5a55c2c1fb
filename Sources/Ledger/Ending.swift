import Domain

/// What an end line states, and whether it is possible.
struct Ending {
  /// The longest heartbeat interval that can be set. The ledger does not say which one held, so a
  /// replaced session is allowed any.
  private static let longestInterval: Int64 = 3_600_000

  let billable: Int64
  private let play: Int64
  private let unbilled: Int64
  private let held: Int64
  private let endedAt: Int64
  private let lastBeat: Int64
  private let closedAt: Int64
  private let reason: EndReason?

  /// Reads an end line; nil when a member is missing.
  init?(_ line: LedgerLine) {
    guard let billable = line.integer("billable_sec"), let play = line.integer("play_duration_sec"),
      let unbilled = line.integer("unbilled_grace_sec"), let held = line.integer("held_sec"),
      let endedAt = line.integer("ended_at"), let lastBeat = line.integer("last_heartbeat_at")
    else { return nil }
    self.billable = billable
    self.play = play
    self.unbilled = unbilled
    self.held = held
    self.endedAt = endedAt
    self.lastBeat = lastBeat
    closedAt = line.instant.milliseconds
    reason = line.text("reason").flatMap(EndReason.init)
  }

  /// What is wrong with its seconds.
  func faultsOfSeconds(from start: Instant) -> [String] {
    var faults: [String] = []
    if min(billable, unbilled, held) < 0 {
      faults.append("billable \(billable), unbilled \(unbilled) or held \(held) s is below zero")
    }
    if play != billable + unbilled + held {
      faults.append("\(play) s are not \(billable) billable + \(unbilled) unbilled + \(held) held")
    }
    let length = Instant.wholeSeconds(from: start, to: Instant(milliseconds: endedAt))
    if play != length {
      faults.append("\(length) s passed between start and end, the end states \(play)")
    }
    return faults
  }

  /// What is wrong with the instant at which it ended; a reason of a later version passes.
  func faultOfReason(from start: Instant) -> String? {
    guard let reason else { return nil }
    let isRight =
      switch reason {
      case .normal, .launcherExit, .operatorEnded: endedAt == closedAt
      case .launcherTimeout, .heartbeatTimeout, .launcherRestart: endedAt == lastBeat
      case .replaced: (lastBeat...latestReplacement).contains(endedAt)
      case .chargeExhausted:
        endedAt <= closedAt && lastBeat >= start.milliseconds + billable * 1000
      }
    guard !isRight else { return nil }
    return "it ended as \(reason.rawValue) at \(endedAt), with the last heartbeat at \(lastBeat) "
      + "and the end line at \(closedAt)"
  }

  private var latestReplacement: Int64 {
    max(lastBeat, min(closedAt, lastBeat + Ending.longestInterval + held * 1000))
  }
}
