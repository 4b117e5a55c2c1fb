import Domain

/// The times that nobody pays, as the lines of a partition tell them.
struct HeldTimes {
  private struct Hold {
    let line: Int64
    let from: Int64
    let until: Int64
    let cafe: String?
    let game: String?
  }

  private var holds: [Hold] = []

  init(_ lines: [LedgerLine]) {
    var switchedOn: [String: LedgerLine] = [:]
    for line in lines {
      let scope = "\(line.text("cafe_id") ?? "-") \(line.text("game_id") ?? "-")"
      switch line.kind {
      case .holdOn:
        switchedOn[scope] = line
      case .holdOff:
        guard let on = switchedOn.removeValue(forKey: scope) else { continue }
        add(line: on, from: on.instant.milliseconds, until: line.instant.milliseconds)
      case .outage where line.text("reason") == "service":
        add(
          line: line,
          from: line.integer("held_from") ?? 0,
          until: line.integer("held_until") ?? 0
        )
      default: continue
      }
    }
    for on in switchedOn.values {
      add(line: on, from: on.instant.milliseconds, until: .max)
    }
  }

  private mutating func add(line: LedgerLine, from: Int64, until: Int64) {
    let cafe = line.text("cafe_id")
    let game = line.text("game_id")
    holds.append(
      Hold(line: line.sequence, from: from, until: until, cafe: cafe, game: game)
    )
  }

  /// Milliseconds of a session, from its start to its end, that lie in a hold which was known when
  /// it ended: every millisecond is looked up among the borders of all holds.
  func milliseconds(of start: LedgerLine, to end: Int64, before line: Int64) -> Int64 {
    let matching = holds.filter { hold in
      hold.line < line && hold.cafe ?? start.text("cafe_id") == start.text("cafe_id")
        && hold.game ?? start.text("game_id") == start.text("game_id")
    }
    let begin = start.instant.milliseconds
    let borders = Set(matching.flatMap { [$0.from, $0.until] } + [begin, end])
      .filter { (begin...max(begin, end)).contains($0) }
      .sorted()
    return zip(borders, borders.dropFirst())
      .filter { from, until in matching.contains { $0.from <= from && until <= $0.until } }
      .reduce(0) { $0 + $1.1 - $1.0 }
  }
}

extension Audit {
  /// I4: the held seconds are those of the holds, and no part of one is billed.
  mutating func checkHeld(_ id: String, _ story: Story, _ holds: HeldTimes) {
    guard let start = story.start, let end = story.end,
      let endedAt = end.integer("ended_at"), let play = end.integer("play_duration_sec")
    else { return }
    let held = holds.milliseconds(of: start, to: endedAt, before: end.sequence)
    let expected = min(play, (held + 999) / 1000)
    let stated = end.integer("held_sec") ?? -1
    expect(stated == expected, "I4: \(id) has \(stated) s held, the holds give \(expected)")
  }
}
