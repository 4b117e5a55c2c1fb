import Domain

/// A session's seconds and money as its lines tell them, and where in time they lie.
///
/// The k-th metered second is the k-th one that was not held. It lies where it is complete: at
/// start + k + the held seconds before it. A debit from a to b seconds costs cost(b) − cost(a), and
/// each of these seconds its own part of that; a reversal gives the same parts back. So the sums up
/// to any instant are known exactly, and the sums of adjoining months add up to the ledger.
struct MeteredSession: Sendable {
  /// A change of the paid seconds; downwards it is a reversal.
  private struct Move {
    let from: Int64
    var to: Int64
  }

  /// Seconds that were held when `after` metered ones had passed.
  private struct Hold {
    var after: Int64
    var seconds: Int64
  }

  let cafe: String
  let game: String
  let start: Instant
  private let rule: BillingRule
  private(set) var billed: Int64 = 0
  private var held: Int64 = 0
  /// Debits that follow each other are one, so this grows only with reversals.
  private var moves: [Move] = []
  private var holds: [Hold] = []

  /// A session from its start line; nil when the line has no cafe, game or rate.
  init?(start line: LedgerLine) {
    guard let cafe = line.text("cafe_id"), let game = line.text("game_id"),
      let tariff = line.integer("rate_mgcoin_per_hour").flatMap(Tariff.init(milliGCoinPerHour:))
    else { return nil }
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

  /// Takes in the held seconds that any line states. They lie behind the seconds that had been
  /// paid before they were stated: nothing is billed while time is held.
  mutating func hold(_ total: Int64, after seconds: Int64) {
    guard total > held else { return }
    let hold = Hold(after: min(seconds, billed), seconds: total - held)
    holds.insert(hold, at: holds.firstIndex { $0.after > hold.after } ?? holds.endIndex)
    held = total
  }

  /// Takes in what the end states. No hold lies behind what is billable, nor do they last longer
  /// together: one that was stated behind a reversal's seconds has moved to their front.
  mutating func close(billable: Int64, held total: Int64) {
    hold(total, after: billable)
    var left = total
    for index in holds.indices {
      holds[index].after = min(holds[index].after, billable)
      holds[index].seconds = min(holds[index].seconds, left)
      left -= holds[index].seconds
    }
    billed = billable
    held = total
  }

  /// Takes in what is paid by now although no line says so: seconds that cost nothing yet.
  mutating func advance(to seconds: Int64) {
    billed = max(billed, seconds)
  }

  /// What the session gave up to an instant, if it was played for so many seconds.
  func totals(before bound: Instant, played: Int64) -> Settlement.Totals {
    var totals = Settlement.Totals()
    guard bound > start else { return totals }
    totals.sessions = 1
    totals.playSeconds = min(played, Instant.wholeSeconds(from: start, to: bound))
    totals.heldSeconds = heldSeconds(within: totals.playSeconds)
    let metered = totals.playSeconds - totals.heldSeconds
    totals.billableSeconds = min(metered, billed)
    totals.unbilledGraceSeconds = metered - totals.billableSeconds
    addMoney(to: &totals, upTo: meteredSeconds(before: bound))
    return totals
  }

  /// What a living session gave up to an instant: it counts as played as far as it is paid.
  func totals(before bound: Instant) -> Settlement.Totals {
    totals(before: bound, played: billed + held)
  }

  /// How many seconds up to an instant were not held, as if the session lived that long.
  func meteredSeconds(before bound: Instant) -> Int64 {
    let elapsed = Instant.wholeSeconds(from: start, to: bound)
    return elapsed - heldSeconds(within: elapsed)
  }

  /// How many of the first seconds after the start were held.
  private func heldSeconds(within elapsed: Int64) -> Int64 {
    var result: Int64 = 0
    for hold in holds {
      result += min(max(elapsed - hold.after - result, 0), hold.seconds)
    }
    return result
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
