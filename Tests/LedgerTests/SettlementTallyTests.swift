import Domain
import Ledger
import Testing

@Suite("The tally of a settlement")
struct SettlementTallyTests {
  /// 2026-03-31T15:00:00Z, when April begins in Seoul.
  static let april: Int64 = 1_774_969_200_000
  static let march = Instant(milliseconds: april - 31 * 86_400_000)..<Instant(milliseconds: april)
  static let nextMonth =
    Instant(milliseconds: april)..<Instant(milliseconds: april + 30 * 86_400_000)

  private func totals(
    _ book: Book,
    _ bounds: Range<Instant>,
    meters: [String: LiveMeter] = [:]
  ) -> [Settlement.Row] {
    var tally = SettlementTally(bounds: bounds)
    for line in book.lines { tally.add(line) }
    return tally.rows(meters)
  }

  @Test("A session over a month's end is split there and counts where it started")
  func split() {
    var book = Book()
    book.now = Self.april - 600_500
    var play = book.start("gs_1")
    book.now = Self.april + 1_200_000
    book.bill(&play, to: 1_900)
    book.bill(&play, to: 1_700)
    book.end(&play, "heartbeat_timeout", at: play.start + 1_700_000)
    let march = totals(book, Self.march)
    #expect(march.map(\.cafe) == ["north"])
    #expect(march.map(\.game) == ["tower"])
    var expected = Settlement.Totals()
    expected.sessions = 1
    expected.playSeconds = 600
    expected.billableSeconds = 600
    expected.debited = Money(milliGCoin: 6_000)
    #expect(march.map(\.totals) == [expected])
    expected.sessions = 0
    expected.playSeconds = 1_100
    expected.billableSeconds = 1_100
    expected.debited = Money(milliGCoin: 13_000)
    expected.reversed = Money(milliGCoin: 2_000)
    let april = totals(book, Self.nextMonth)
    #expect(april.map(\.totals) == [expected])
    #expect(april[0].totals.net == Money(milliGCoin: 11_000))
  }

  @Test("A second that straddles the month's end belongs to the month in which it is complete")
  func straddling() {
    for (offset, seconds): (Int64, Int64) in [(999, 0), (1_000, 1), (1_001, 1), (2_000, 2)] {
      var book = Book()
      book.now = Self.april - offset
      var play = book.start("gs_1")
      book.now += 10_000
      book.bill(&play, to: 10)
      book.end(&play)
      #expect(totals(book, Self.march)[0].totals.billableSeconds == seconds)
    }
  }

  @Test("Seconds after the money was spent are unbilled, in the month in which they were")
  func grace() {
    var book = Book()
    book.now = Self.april - 100_000
    var play = book.start("gs_1")
    book.now += 61_000
    book.bill(&play, to: 60)
    book.note("exhausted", &play)
    book.now += 120_000
    book.end(&play, "charge_exhausted")
    let march = totals(book, Self.march)[0].totals
    #expect((march.playSeconds, march.billableSeconds, march.unbilledGraceSeconds) == (100, 60, 40))
    let april = totals(book, Self.nextMonth)[0].totals
    #expect((april.playSeconds, april.billableSeconds, april.unbilledGraceSeconds) == (81, 0, 81))
  }

  @Test("Held seconds lie where the hold was, and move those behind them")
  func held() {
    var book = Book()
    book.now = Self.april - 60_000
    var play = book.start("gs_1")
    book.now += 40_000
    book.bill(&play, to: 40)
    // From 54.5 s to 90 s nothing counts; the month ends at 60 s.
    book.now += 50_000
    book.hold(from: Self.april - 5_500)
    book.now += 20_000
    book.bill(&play, to: 74)
    book.end(&play, held: 36)
    let march = totals(book, Self.march)[0].totals
    #expect((march.playSeconds, march.billableSeconds, march.heldSeconds) == (60, 54, 6))
    #expect(march.net == Money(milliGCoin: 540))
    let april = totals(book, Self.nextMonth)[0].totals
    #expect((april.playSeconds, april.billableSeconds, april.heldSeconds) == (50, 20, 30))
    #expect(april.net == Money(milliGCoin: 200))
  }

  @Test("A living session is held by what was switched on for its cafe and its game")
  func heldAlive() {
    var book = Book()
    book.now = Self.april - 60_000
    var play = book.start("gs_1")
    book.now = Self.april - 20_000
    book.bill(&play, to: 40)
    book.write(
      "hold_on",
      [("game_id", .text("tower")), ("held_from", .integer(Self.april - 20_000))]
    )
    book.write(
      "hold_on",
      [("cafe_id", .text("south")), ("held_from", .integer(Self.april - 50_000))]
    )
    var tally = SettlementTally(bounds: Self.march)
    for line in book.lines { tally.add(line) }
    // Nothing more can be billed before the month's end, so 40 s decide it.
    #expect(tally.undecided(["gs_1": meter(beat: Self.april, billed: 40)]) == [])
    #expect(tally.undecided(["gs_1": meter(beat: Self.april, billed: 39)]) == ["gs_1"])
    #expect(tally.rows([:]).map(\.totals.playSeconds) == [40])
  }

  @Test("A month is decided by an end or by a paid heartbeat after it")
  func decision() {
    var book = Book()
    book.now = Self.april - 100_000
    var play = book.start("gs_1")
    book.now = Self.april + 50_000
    _ = book.start("gs_2", pc: "PC-2")
    book.bill(&play, to: 140)
    var tally = SettlementTally(bounds: Self.march)
    for line in book.lines { tally.add(line) }
    func undecided(beat: Int64, billed: Int64) -> [String] {
      tally.undecided(["gs_1": meter(beat: beat, billed: billed)])
    }
    #expect(tally.undecided([:]) == ["gs_1"])
    #expect(undecided(beat: Self.april - 1, billed: 140) == ["gs_1"])
    #expect(undecided(beat: Self.april, billed: 99) == ["gs_1"])
    #expect(undecided(beat: Self.april, billed: 100) == [])
    let live = tally.rows(["gs_1": meter(beat: Self.april, billed: 140)])
    book.end(&play)
    #expect(live == totals(book, Self.march))
  }

  @Test("Rows stand in the order of cafes and games, and what was not played has none")
  func order() {
    var book = Book()
    for (index, place) in [("b", "x"), ("a", "y"), ("b", "a"), ("a", "x")].enumerated() {
      var play = book.start("gs_\(index)", cafe: place.0, pc: "PC-\(index)", game: place.1)
      book.now += 10_000
      book.bill(&play, to: 10)
      book.end(&play)
    }
    let all = Instant(milliseconds: 0)..<Instant(milliseconds: .max)
    #expect(totals(book, all).map { $0.cafe + $0.game } == ["ax", "ay", "ba", "bx"])
    #expect(totals(book, Self.nextMonth).isEmpty)
  }

  @Test("Compensations, kinds of a later version and the games' lines are passed over")
  func others() {
    var book = Book()
    var play = book.start("gs_1")
    book.now += 10_000
    book.note("of_a_later_version", &play)
    book.bill(&play, to: 10)
    book.end(&play)
    let all = Instant(milliseconds: 0)..<Instant(milliseconds: .max)
    let before = totals(book, all)
    book.book(50, "compensation")
    book.write("hold_on", [])
    book.write("game_created", [("game_id", .text("tower"))])
    #expect(totals(book, all) == before)
  }

  private func meter(beat: Int64, billed: Int64) -> LiveMeter {
    LiveMeter(
      cafe: "north",
      pc: "PC-1",
      game: "tower",
      rate: 36_000,
      startedAt: Instant(milliseconds: Self.april - 100_000),
      lastHeartbeatAt: Instant(milliseconds: beat),
      billedSeconds: billed,
      charged: Money(milliGCoin: billed * 10),
      sequence: 2
    )
  }
}
