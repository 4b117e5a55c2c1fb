import Domain
import Ledger
import Testing

@Suite("Sessions from their lines")
struct PastSessionsTests {
  private static func id(_ number: Int) -> String {
    "gs_00030000-0000-8000-8000-00000000000\(number)"
  }

  /// Sessions 1 to 6, of 100 s each, one every 1,000 s; the even ones on PC-2. Session 7 lives.
  private static func book() -> Book {
    var book = Book()
    book.book(1_000_000)
    for number in 1...6 {
      var play = book.start(Self.id(number), pc: number % 2 == 0 ? "PC-2" : "PC-1")
      book.now += 100_000
      book.bill(&play, to: 120)
      book.bill(&play, to: 100)
      book.end(&play)
      book.now += 900_000
    }
    _ = book.start(Self.id(7))
    return book
  }

  private func find(
    _ filter: SessionFilter,
    before bound: PastSessions.Place = .init(endedAt: .max, id: ""),
    limit: Int = 10
  ) -> [String] {
    var past = PastSessions(filter: filter, before: bound, limit: limit, partitionCount: 4)
    for line in Self.book().lines { past.add(line) }
    return past.reports.map(\.id.description)
  }

  private let base: Int64 = 1_772_000_000_000

  @Test("Those that ended last come first, as many as are wanted, from any place on")
  func order() {
    let all = (1...6).reversed().map(Self.id)
    #expect(find(SessionFilter()) == all)
    #expect(find(SessionFilter(), limit: 2) == Array(all.prefix(2)))
    let place = PastSessions.Place(endedAt: base + 4_100_000, id: Self.id(5))
    #expect(find(SessionFilter(), before: place, limit: 2) == [Self.id(4), Self.id(3)])
  }

  @Test("They are filtered by cafe, PC, game and the time in which they lived")
  func filter() throws {
    #expect(find(SessionFilter(cafe: CafeID("south"))) == [])
    #expect(find(SessionFilter(game: GameID("river"))) == [])
    #expect(find(SessionFilter(pc: PCID("PC-2"))) == [6, 4, 2].map(Self.id))
    let from = Instant(milliseconds: base + 2_050_000)
    let to = Instant(milliseconds: base + 3_050_000)
    #expect(find(SessionFilter(from: from, to: to)) == [4, 3].map(Self.id))
  }

  @Test("A session is told as its record told it")
  func report() throws {
    var trail = try #require(SessionTrail(start: Self.book().lines[1]))
    for line in Self.book().lines[2...4] { trail.add(line) }
    let report = try #require(trail.report(partitionCount: 4))
    #expect(report.id.description == Self.id(1))
    #expect((report.cafe.text, report.pc.text, report.game.text) == ("north", "PC-1", "tower"))
    #expect((report.user.text, report.externalAddress) == ("1001", "203.0.113.7"))
    #expect((report.state, report.endReason) == (.ended, .normal))
    #expect(report.startedAt.milliseconds == base)
    #expect(report.endedAt?.milliseconds == base + 100_000)
    #expect((report.playSeconds, report.billedSeconds, report.heldSeconds) == (100, 100, 0))
    #expect(report.charged == Money(milliGCoin: 1_000))
  }

  @Test("A session without an end is told as far as its lines go")
  func living() throws {
    var book = Book()
    var play = book.start(Self.id(1))
    var trail = try #require(SessionTrail(start: book.lines[0]))
    book.now += 60_000
    book.bill(&play, to: 60)
    book.note("exhausted", &play)
    for line in book.lines.dropFirst() { trail.add(line) }
    let report = try #require(trail.report(partitionCount: 4))
    #expect((report.state, report.billedSeconds, report.playSeconds) == (.grace, 60, 60))
    #expect(report.endedAt == nil && report.endReason == nil)
    #expect(SessionTrail(start: book.lines[1]) == nil)
  }
}
