import Domain

/// The lines of one session, in order.
struct Story {
  let lines: [LedgerLine]

  var start: LedgerLine? { lines.first { $0.kind == .start } }
  var end: LedgerLine? { lines.first { $0.kind == .end } }
  var pc: String { (lines[0].text("cafe_id") ?? "") + "/" + (lines[0].text("pc_id") ?? "") }
  var rate: Int64 { start?.integer("rate_mgcoin_per_hour") ?? 0 }

  /// What was debited less what was given back.
  var charged: Int64 {
    -lines.filter { $0.kind == .debit || $0.kind == .reversal }
      .reduce(0) { $0 + $1.amount.milliGCoin }
  }

  /// The cost of some seconds, computed the long way: hours and the rest apart.
  func cost(_ seconds: Int64) -> Int64 {
    let hours = seconds / 3600
    return rate * hours + rate * (seconds - hours * 3600) / 3600
  }
}

extension Audit {
  /// I3, I4, I6 and the order of a session's lines.
  mutating func checkStory(_ id: String, _ story: Story) {
    for (index, line) in story.lines.enumerated() {
      expect(
        line.integer("session_seq") == Int64(index + 1),
        "I6: \(id) has session_seq \(line.integer("session_seq") ?? 0) at place \(index + 1)"
      )
    }
    expect(story.lines.first?.kind == .start, "I6: \(id) does not begin with its start")
    expect(story.lines.filter { $0.kind == .start }.count == 1, "I6: \(id) started twice")
    let ends = story.lines.filter { $0.kind == .end }.count
    expect(ends <= 1, "I6: \(id) ended \(ends) times")
    expect(ends == 0 || story.lines.last?.kind == .end, "I6: \(id) has lines after its end")
    guard let start = story.start, let end = story.end else { return }

    let play = end.integer("play_duration_sec") ?? -1
    let billable = end.integer("billable_sec") ?? -1
    let unbilled = end.integer("unbilled_grace_sec") ?? -1
    let held = end.integer("held_sec") ?? -1
    let length = (end.integer("ended_at") ?? 0) - start.instant.milliseconds
    expect(min(billable, unbilled, held) >= 0, "I4: \(id) has a negative part: \(end)")
    expect(play == billable + unbilled + held, "I4: \(id): \(play) is not the sum of its parts")
    expect(play == max(0, length) / 1000, "I4: \(id) played \(play) s in \(length) ms")
    expect(
      story.charged == story.cost(billable),
      "I3: \(id) was charged \(story.charged) for \(billable) s"
    )
  }

  /// I8: the end that each reason gives, and no money past it.
  mutating func checkEnd(_ id: String, _ story: Story, _ holds: HeldTimes) {
    guard let end = story.end, let reason = end.text("reason").flatMap(EndReason.init) else {
      expect(story.end == nil, "I8: \(id) ended without a known reason")
      return
    }
    let endedAt = end.integer("ended_at") ?? 0
    let lastBeat = end.integer("last_heartbeat_at") ?? 0
    let closedAt = end.instant.milliseconds
    let isRight =
      switch reason {
      case .normal, .launcherExit, .operatorEnded: endedAt == closedAt
      case .launcherTimeout, .heartbeatTimeout, .launcherRestart: endedAt == lastBeat
      case .replaced: endedAt == min(closedAt, lastBeat + heartbeatInterval)
      case .chargeExhausted: endedAt <= closedAt && story.paidBefore(lastBeat, holds)
      }
    expect(isRight, "I8: \(id) ended as \(reason) at \(endedAt): \(end)")
  }

  /// I5: a PC's sessions never overlap, and at most one of them lives.
  mutating func checkPlaces(_ sessions: [String: Story]) {
    for (pc, stories) in Dictionary(grouping: sessions.values, by: \.pc) {
      let inOrder = stories.sorted { ($0.start?.sequence ?? 0) < ($1.start?.sequence ?? 0) }
      for (earlier, later) in zip(inOrder, inOrder.dropFirst()) {
        let end = earlier.end?.integer("ended_at") ?? Int64.max
        let start = later.start?.instant.milliseconds ?? 0
        expect(end <= start, "I5: on \(pc) a session starts before the one before it ended")
      }
    }
  }
}

extension Story {
  /// Whether a heartbeat came at or after the last paid second.
  fileprivate func paidBefore(_ lastBeat: Int64, _ holds: HeldTimes) -> Bool {
    guard let start, let end else { return false }
    let billed = end.integer("billable_sec") ?? 0
    let held = holds.milliseconds(of: start, to: lastBeat, before: end.sequence)
    return lastBeat >= start.instant.milliseconds + (billed + (held + 999) / 1000) * 1000
  }
}
