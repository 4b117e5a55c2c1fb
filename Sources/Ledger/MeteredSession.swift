import Domain

/// A session's seconds and money as its lines tell them, and where in time they lie.
///
/// The k-th metered second is the k-th one that was not held; one of which a part is held is held.
/// It lies where it is complete: at start + k + the held seconds before it. A debit from a to b
/// seconds costs cost(b) − cost(a), and each of these seconds its own part of that; a reversal
/// gives the same parts back. So the sums up to any instant are known exactly, and the sums of
/// adjoining months add up to the ledger.
struct MeteredSession: Sendable {
  /// A change of the paid seconds; downwards it is a reversal.
  private struct Move {
    let from: Int64
    var to: Int64
  }

  let partition: Partition
  let cafe: String
  let game: String
  let start: Instant
  private let rule: BillingRule
  private(set) var billed: Int64 = 0
  /// What its end states; nil while it lives.
  private var ending: (played: Int64, held: Int64)?
  /// Debits that follow each other are one, so this grows only with reversals.
  private var moves: [Move] = []
  /// The times that concern it and nobody pays, in milliseconds.
  var holds: [Range<Int64>] = []

  /// A session from its start line; nil when the line has no cafe, game or rate.
  init?(start line: LedgerLine) {
    guard let cafe = line.text("cafe_id"), let game = line.text("game_id"),
      let tariff = line.integer("rate_mgcoin_per_hour").flatMap(Tariff.init(milliGCoinPerHour:))
    else { return nil }
    partition = line.partition
    self.cafe = cafe
    self.game = game
    start = line.instant
    rule = BillingRule(tariff: tariff)
  }

  /// Takes in a debit or reversal.
  mutating func move(to seconds: Int64) {
    if let last = moves.last, last.to == billed, (last.from < last.to) == (billed < seconds) {
      moves[moves.count - 1].to = seconds
    } else {
      moves.append(Move(from: billed, to: seconds))
    }
    billed = seconds
  }

  /// Takes in what the end states.
  mutating func close(played: Int64, billable: Int64, held: Int64) {
    billed = billable
    ending = (played, held)
  }

  /// Takes in what is paid by now although no line says so: seconds that cost nothing yet.
  mutating func advance(to seconds: Int64) {
    billed = max(billed, seconds)
  }

  /// What the session gave up to an instant. A living one counts as played as far as it is paid.
  func totals(before bound: Instant) -> Settlement.Totals {
    var totals = Settlement.Totals()
    guard bound > start else { return totals }
    let elapsed = Instant.wholeSeconds(from: start, to: bound)
    totals.sessions = 1
    totals.playSeconds = min(ending?.played ?? paidSeconds, elapsed)
    totals.heldSeconds = heldSeconds(within: totals.playSeconds)
    let metered = totals.playSeconds - totals.heldSeconds
    totals.billableSeconds = min(metered, billed)
    totals.unbilledGraceSeconds = metered - totals.billableSeconds
    addMoney(to: &totals, upTo: meteredSeconds(before: bound))
    return totals
  }

  /// How many seconds up to an instant were not held, as if the session lived that long.
  func meteredSeconds(before bound: Instant) -> Int64 {
    let elapsed = Instant.wholeSeconds(from: start, to: bound)
    return elapsed - heldSeconds(within: elapsed)
  }

  /// The seconds from the start to the last one that is paid, held ones included.
  private var paidSeconds: Int64 {
    var seconds = billed
    for hold in holds where hold.upperBound < .max {
      guard hold.lowerBound < start.milliseconds + seconds * 1000 else { break }
      seconds = billed + heldSeconds(upTo: hold.upperBound)
    }
    return seconds
  }

  /// How many of the first seconds after the start were held. What the end states is what counts:
  /// of more holds than Redis keeps, the first two became one, and that is laid at the end.
  private func heldSeconds(within elapsed: Int64) -> Int64 {
    let held = min(heldSeconds(upTo: start.milliseconds + elapsed * 1000), elapsed)
    guard let (played, stated) = ending else { return held }
    let more = stated - min(heldSeconds(upTo: start.milliseconds + played * 1000), played)
    if elapsed >= played { return held + more }
    return min(held, stated) + max(0, more - (played - elapsed))
  }

  private func heldSeconds(upTo end: Int64) -> Int64 {
    let milliseconds = holds.prefix { $0.lowerBound < end }
      .reduce(0) { $0 + min($1.upperBound, end) - $1.lowerBound }
    return (milliseconds + 999) / 1000
  }

  private func addMoney(to totals: inout Settlement.Totals, upTo seconds: Int64) {
    for move in moves {
      let (low, high) = (min(move.from, move.to), max(move.from, move.to))
      let money = rule.cost(seconds: min(max(seconds, low), high)) - rule.cost(seconds: low)
      if move.to > move.from {
        totals.debited = totals.debited + money
      } else {
        totals.reversed = totals.reversed + money
      }
    }
  }
}
