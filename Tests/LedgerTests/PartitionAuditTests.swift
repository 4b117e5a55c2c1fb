import Domain
import Ledger
import Testing

@Suite("The audit of a ledger")
struct PartitionAuditTests {
  /// A cafe's evening: two sessions that ended, one that lives.
  static func evening() -> Book {
    var book = Book()
    book.write("cafe_created", [("cafe_id", .text("north"))])
    book.book(100_000)
    var first = book.start("gs_1")
    book.now += 60_000
    book.bill(&first, to: 60)
    var second = book.start("gs_2", pc: "PC-2", rate: 230_000)
    book.now += 60_000
    book.bill(&first, to: 120)
    book.bill(&second, to: 60)
    book.now += 20_000
    book.bill(&first, to: 100)
    book.end(&first, "heartbeat_timeout", at: first.start + 100_000)
    book.bill(&second, to: 80)
    book.end(&second)
    book.now += 5_000
    var third = book.start("gs_3")
    book.now += 60_000
    book.bill(&third, to: 60)
    return book
  }

  static func audit(_ lines: [LedgerLine]) -> Reconciliation {
    var audit = PartitionAudit(of: Partition(number: 3))
    for line in lines { audit.add(line) }
    return audit.result
  }

  private func findings(_ lines: [LedgerLine]) -> [String] {
    Self.audit(lines).findings.map { "\($0.invariant.rawValue) \($0.ids.joined(separator: " "))" }
  }

  @Test("A ledger that is right has no finding and no residual")
  func clean() {
    let book = Self.evening()
    let result = Self.audit(book.lines)
    #expect(result.findings == [])
    #expect(result.isClean)
    #expect(result.sessionsChecked == 2)
    #expect(result.linesRead == Int64(book.lines.count))
    #expect(result.coverage == 1)
  }

  @Test("The coverage tells the share of ends and cafes that could be recomputed")
  func coverage() throws {
    var lines = Self.evening().lines
    let start = try #require(lines.firstIndex { $0.text("kind") == "start" })
    lines.remove(at: start)
    var result = Self.audit(lines)
    #expect(result.sessionsEnded == 2)
    #expect(result.sessionsChecked == 1)
    #expect(result.coverage == 0.5)
    // Two cafes are known, and both were compared with the store.
    result.cafesKnown = 2
    result.cafesChecked = 2
    #expect(result.coverage == 0.75)
    #expect(Reconciliation().coverage == 1)
  }

  @Test("What a later version writes is passed over, but its money and numbers count")
  func laterKinds() {
    var book = Self.evening()
    var play = book.start("gs_4", pc: "PC-4")
    book.note("low_balance", &play)
    book.book(500, "compensation")
    book.write("outage", [])
    book.now += 30_000
    book.bill(&play, to: 10)
    book.end(&play, held: 20)
    #expect(Self.audit(book.lines).isClean)
  }

  @Test("A line that is missing is found by its number, its session and its money")
  func removedLine() {
    var lines = Self.evening().lines
    #expect(lines[3].text("kind") == "debit")
    lines.remove(at: 3)
    let result = Self.audit(lines)
    #expect(
      findings(lines) == [
        "ledger p3#5", "I2 north p3#6", "I6 gs_1 p3#6", "I3 gs_1 p3#6",
      ]
    )
    // 600 mgcoin are missing in the cafe's lines and in the session's.
    #expect(result.residual == Money(milliGCoin: 1_200))
  }

  @Test("Lines that the ledger states to be lost are counted and no finding, and only those")
  func lostLines() {
    var book = Self.evening()
    let end = Int64(book.lines.count)
    book.book(1_000)
    let loss = LedgerLine(
      partition: book.partition,
      streamID: "\(book.now)-\(end + 5)",
      members: [
        .init(name: "seq", value: .integer(end + 5)), .init(name: "at", value: .integer(book.now)),
        .init(name: "kind", value: .text("loss")),
        .init(name: "from_seq", value: .integer(end + 2)),
        .init(name: "to_seq", value: .integer(end + 4)),
      ]
    )
    let result = Self.audit(book.lines + [loss])
    #expect(result.isClean)
    #expect(result.linesLost == 3)
    let wrong = loss.with("from_seq", .integer(end + 3))
    #expect(findings(book.lines + [wrong]) == ["ledger p3#\(end + 5)"])
  }

  @Test("An end that is there twice is found")
  func doubledEnd() throws {
    let lines = Self.evening().lines
    let end = try #require(lines.first { $0.text("kind") == "end" })
    let next = Int64(lines.count + 1)
    let doubled = lines + [end.with("seq", .integer(next)).with("at", .integer(.max))]
    #expect(findings(doubled) == ["I6 gs_1 p3#\(next)"])
  }

  @Test("A debit after the end is found, and its money is missing")
  func debitAfterEnd() {
    var book = Book()
    book.book(1_000)
    var play = book.start("gs_1")
    book.now += 10_000
    book.bill(&play, to: 10)
    book.end(&play)
    book.bill(&play, to: 20)
    #expect(findings(book.lines) == ["I6 gs_1 p3#5"])
  }

  @Test(
    "A line that states something else than it did is found",
    arguments: [
      // The first debit takes more, and the cafe's balance with it.
      (3, "amount_mgcoin", -601, ["I2 north p3#4", "I3 gs_1 p3#4"]),
      (3, "billed_sec", 61, ["I3 gs_1 p3#4", "I3 gs_1 p3#6"]),
      (3, "balance_mgcoin", 99_401, ["I2 north p3#4", "I2 north p3#6"]),
      (3, "session_seq", 3, ["I6 gs_1 p3#4", "I6 gs_1 p3#6"]),
      // The first end.
      (8, "billable_sec", 101, ["I3 gs_1 p3#9", "I4 gs_1 p3#9"]),
      (8, "held_sec", 5, ["I4 gs_1 p3#9"]),
      (8, "unbilled_grace_sec", -1, ["I4 gs_1 p3#9", "I4 gs_1 p3#9"]),
      (8, "play_duration_sec", 101, ["I4 gs_1 p3#9", "I4 gs_1 p3#9"]),
      (8, "last_heartbeat_at", 1, ["I8 gs_1 p3#9"]),
      (8, "at", 1, ["ledger p3#9"]),
    ]
  )
  func falsified(index: Int, name: String, value: Int64, expected: [String]) {
    var lines = Self.evening().lines
    lines[index] = lines[index].with(name, .integer(value))
    #expect(findings(lines) == expected)
  }

  @Test("Two sessions that live on one PC are found")
  func overlap() {
    var book = Book()
    book.book(1_000)
    _ = book.start("gs_1")
    _ = book.start("gs_2")
    #expect(findings(book.lines) == ["I5 north:PC-1 gs_1 gs_2"])
  }

  @Test("A session that starts again, and one without a start, are found")
  func starts() {
    var book = Book()
    book.book(1_000)
    var play = book.start("gs_1")
    _ = book.start("gs_1", pc: "PC-2")
    #expect(findings(book.lines) == ["I6 gs_1 p3#3"])
    book = Book()
    play.sequence = 1
    book.note("exhausted", &play)
    #expect(findings(book.lines) == ["I6 gs_1 p3#1"])
  }

  @Test("A balance below zero is found")
  func debt() {
    var book = Book()
    book.book(5)
    book.book(-6, "adjustment")
    #expect(findings(book.lines) == ["I1 north p3#2"])
  }

  @Test("A replaced session ends within a heartbeat interval of its last heartbeat")
  func replaced() {
    for (beat, isRight): (Int64, Bool) in [(-3_600_000, true), (-3_600_001, false), (1, false)] {
      var book = Book()
      var play = book.start("gs_1")
      book.now += 10_000_000
      book.bill(&play, to: 10_000)
      book.book(200_000)
      book.end(&play, "replaced")
      var lines = book.lines
      lines[3] = lines[3].with("last_heartbeat_at", .integer(book.now + beat))
      #expect(findings(lines).contains("I8 gs_1 p3#4") == !isRight)
    }
  }
}
