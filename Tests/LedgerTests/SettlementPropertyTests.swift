import Domain
import Ledger
import Support
import Testing

/// Random ledgers, cut at random instants, against a count of every single second.
@Suite("Sums over months")
struct SettlementPropertyTests {
  /// What one second of a debit or reversal moved, and when the second was complete.
  private struct Second {
    let at: Int64
    let amount: Int64
  }

  /// A ledger and what its seconds gave.
  private struct Sample {
    var book = Book()
    var seconds: [Second] = []
    var starts: [Int64] = []

    /// One session of some minutes, billed in steps, perhaps held, perhaps reversed.
    mutating func play(_ index: Int, using numbers: inout SeededRandom) {
      book.now += Int64.random(in: 0...300_000, using: &numbers)
      let rate = Int64.random(in: 60...900_000, using: &numbers)
      let game = "game-\(index % 3)"
      var play = book.start("gs_\(index)", game: game, rate: rate)
      starts.append(play.start)
      for _ in 0..<Int.random(in: 1...8, using: &numbers) {
        if Int.random(in: 0..<3, using: &numbers) == 0 {
          hold(&play, game, using: &numbers)
        } else {
          book.now += Int64.random(in: 1...75_000, using: &numbers)
        }
        move(&play, to: metered(play, (book.now - play.start) / 1000))
      }
      // The last proof of life may lie before what was billed.
      let lost = Bool.random(using: &numbers) ? Int64.random(in: 0...120_000, using: &numbers) : 0
      let endedAt = max(play.start, book.now - lost)
      let played = (endedAt - play.start) / 1000
      move(&play, to: min(play.billed, metered(play, played)))
      book.end(&play, "heartbeat_timeout", at: endedAt, held: played - metered(play, played))
    }

    private var holds: [String: [Range<Int64>]] = [:]
    private var moves: [(play: Book.Play, from: Int64, to: Int64)] = []

    /// A hold that has just ended: one of everything, of the session's game, or of another one.
    private mutating func hold(
      _ play: inout Book.Play,
      _ game: String,
      using numbers: inout SeededRandom
    ) {
      let from = book.now + Int64.random(in: 0...40_000, using: &numbers)
      book.now = from + Int64.random(in: 1...90_000, using: &numbers)
      let held = [nil, game, "another"].randomElement(using: &numbers) ?? nil
      book.hold(from: from, game: held)
      if held != "another" { holds[play.id, default: []].append(from..<book.now) }
    }

    /// How many of the first seconds of a session count; one that is held in part does not.
    private func metered(_ play: Book.Play, _ elapsed: Int64) -> Int64 {
      let end = play.start + elapsed * 1000
      let held = (holds[play.id] ?? [])
        .reduce(0) { $0 + max(0, min($1.upperBound, end) - $1.lowerBound) }
      return elapsed - (held + 999) / 1000
    }

    private mutating func move(_ play: inout Book.Play, to seconds: Int64) {
      let from = play.billed
      let count = book.lines.count
      book.bill(&play, to: seconds)
      guard book.lines.count > count else {
        // Without a line nobody knows of the change yet.
        play.billed = from
        return
      }
      moves.append((play, from, seconds))
    }

    /// Counts every second of every line.
    mutating func count() {
      for (play, from, to) in moves {
        let sign: Int64 = to > from ? -1 : 1
        var elapsed: Int64 = 0
        for second in (min(from, to)..<max(from, to)).map({ $0 + 1 }) {
          while metered(play, elapsed) < second { elapsed += 1 }
          let amount = sign * (play.cost(second) - play.cost(second - 1))
          seconds.append(Second(at: play.start + elapsed * 1000, amount: amount))
        }
      }
    }
  }

  @Test("They are exactly the ledger, and each second lies in its own month", arguments: 1...60)
  func exact(seed: UInt64) {
    var numbers = SeededRandom(seed: seed)
    var sample = Sample()
    for index in 0..<12 { sample.play(index, using: &numbers) }
    sample.count()
    let span = (sample.starts[0] - 1_000)...(sample.book.now + 1_000_000)
    var cuts = (0..<7).map { _ in Int64.random(in: span, using: &numbers) }
    // A bound on a whole second of some session is where an error of one would show.
    cuts += sample.seconds.shuffled(using: &numbers).prefix(5).map(\.at)
    cuts += [span.lowerBound, span.upperBound]
    cuts = Array(Set(cuts)).sorted()

    var sum = Settlement.Totals()
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      let part = totals(sample.book, from, to)
      sum += part
      let inside = sample.seconds.filter { $0.at > from && $0.at <= to }
      let debited = -inside.map(\.amount).filter { $0 < 0 }.reduce(0, +)
      let reversed = inside.map(\.amount).filter { $0 > 0 }.reduce(0, +)
      #expect(part.debited.milliGCoin == debited, "\(from) to \(to)")
      #expect(part.reversed.milliGCoin == reversed, "\(from) to \(to)")
      #expect(part.sessions == Int64(sample.starts.filter { $0 >= from && $0 < to }.count))
      let pieces = part.billableSeconds + part.unbilledGraceSeconds + part.heldSeconds
      #expect(part.playSeconds == pieces)
    }
    #expect(sum == whole(sample.book))
  }

  private func totals(_ book: Book, _ from: Int64, _ to: Int64) -> Settlement.Totals {
    var tally = SettlementTally(
      bounds: Instant(milliseconds: from)..<Instant(milliseconds: to)
    )
    for line in book.lines { tally.add(line) }
    return tally.rows([:]).reduce(into: Settlement.Totals()) { $0 += $1.totals }
  }

  /// The sums of the lines as they stand.
  private func whole(_ book: Book) -> Settlement.Totals {
    var totals = Settlement.Totals()
    for line in book.lines {
      switch line.text("kind") {
      case "start": totals.sessions += 1
      case "debit": totals.debited = totals.debited - line.amount
      case "reversal": totals.reversed = totals.reversed + line.amount
      case "end":
        totals.playSeconds += line.integer("play_duration_sec") ?? 0
        totals.billableSeconds += line.integer("billable_sec") ?? 0
        totals.unbilledGraceSeconds += line.integer("unbilled_grace_sec") ?? 0
        totals.heldSeconds += line.integer("held_sec") ?? 0
      default: break
      }
    }
    return totals
  }
}
