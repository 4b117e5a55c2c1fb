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

    /// One session of up to ten minutes, billed in steps, perhaps held, perhaps reversed.
    mutating func play(_ index: Int, using numbers: inout SeededRandom) {
      book.now += Int64.random(in: 0...300_000, using: &numbers)
      let rate = Int64.random(in: 60...900_000, using: &numbers)
      var play = book.start("gs_\(index)", game: "game-\(index % 3)", rate: rate)
      starts.append(play.start)
      let holdAfter = Int64.random(in: 0...400, using: &numbers)
      let hold: Int64 = Bool.random(using: &numbers) ? Int64.random(in: 1...90, using: &numbers) : 0
      var isHeld = false
      for _ in 0..<Int.random(in: 1...8, using: &numbers) {
        let target = play.billed + Int64.random(in: 1...75, using: &numbers)
        if hold > 0, !isHeld, target > holdAfter { isHeld = true }
        book.now = max(book.now, play.start + (target + (isHeld ? hold : 0)) * 1000 + 500)
        move(&play, to: target, held: isHeld ? hold : 0)
      }
      if Bool.random(using: &numbers) {
        move(&play, to: play.billed - Int64.random(in: 0...play.billed, using: &numbers), held: 0)
      }
      // An end before the hold was over takes some of it back.
      let held = isHeld ? Int64.random(in: 0...hold, using: &numbers) : 0
      holds[play.id] = held
      marks[play.id] = marks[play.id].map { min($0, play.billed) }
      let endedAt = play.start + (play.billed + held) * 1000
      book.end(&play, "heartbeat_timeout", at: endedAt, held: held)
    }

    /// How long a session was held, as its end states.
    private var holds: [String: Int64] = [:]
    /// After how many paid seconds the hold of a session was stated.
    private var marks: [String: Int64] = [:]
    private var moves: [(play: Book.Play, from: Int64, to: Int64)] = []

    private mutating func move(_ play: inout Book.Play, to seconds: Int64, held: Int64) {
      let from = play.billed
      let count = book.lines.count
      book.bill(&play, to: seconds, held: held > 0 ? held : nil)
      guard book.lines.count > count else {
        // Without a line nobody knows of the change yet.
        play.billed = from
        return
      }
      if held > 0, marks[play.id] == nil { marks[play.id] = from }
      moves.append((play, from, seconds))
    }

    /// Counts every second of every line.
    mutating func count() {
      for (play, from, to) in moves {
        let sign: Int64 = to > from ? -1 : 1
        for second in (min(from, to)..<max(from, to)).map({ $0 + 1 }) {
          let isBehind = marks[play.id].map { second > $0 } ?? false
          let shift = isBehind ? holds[play.id] ?? 0 : 0
          let amount = sign * (play.cost(second) - play.cost(second - 1))
          seconds.append(Second(at: play.start + (second + shift) * 1000, amount: amount))
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
