import Domain

/// The times that nobody pays, as the lines of one partition tell them: outages of the service, and
/// holds that an operator switched on and off.
struct HeldTimes: Sendable {
  private struct Hold {
    let cafe: String?
    let game: String?
    let from: Int64
    /// `Int64.max` while it is on.
    var until: Int64
  }

  private var holds: [Hold] = []
  private var latestEnd = Int64.min

  /// Takes in a line. Every kind that begins no hold and ends none is passed over.
  mutating func add(_ line: LedgerLine) {
    guard let from = line.integer("held_from") else { return }
    let (cafe, game) = (line.text("cafe_id"), line.text("game_id"))
    let until = line.integer("held_until") ?? Int64.max
    latestEnd = max(latestEnd, until)
    if line.kind == .holdOff {
      let on = holds.lastIndex { $0.until == .max && $0.cafe == cafe && $0.game == game }
      if let on {
        holds[on].until = until
        latestEnd = holds.reduce(Int64.min) { max($0, $1.until) }
        return
      }
    }
    holds.append(Hold(cafe: cafe, game: game, from: from, until: until))
  }

  /// The held times after an instant that concern a session, in milliseconds, in order and apart.
  func spans(cafe: String, game: String, after start: Instant) -> [Range<Int64>] {
    guard latestEnd > start.milliseconds else { return [] }
    let spans =
      holds
      .filter { ($0.cafe ?? cafe) == cafe && ($0.game ?? game) == game }
      .map { max($0.from, start.milliseconds)..<max($0.until, start.milliseconds) }
      .sorted { $0.lowerBound < $1.lowerBound }
    var result: [Range<Int64>] = []
    for span in spans where !span.isEmpty {
      if let last = result.last, span.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
      } else {
        result.append(span)
      }
    }
    return result
  }
}
