import Domain
import HTTPAPI
import JSON
import Testing

@testable import playmeter

@Suite("The live table of the evening")
struct DemoBoardTests {
  private static let session: JSONValue = [
    "game_session_id": "gs_1", "cafe_id": "gangnam-01", "pc_id": "PC-1", "game_id": "tower",
    "provider_user_id": "1001", "state": "running", "end_reason": nil, "play_duration_sec": 72,
    "billable_sec": 72, "unbilled_grace_sec": 0, "held_sec": 0, "charged_mgcoin": 60_000,
  ]

  /// Somebody plays on the first PC.
  private func board() -> Board {
    var board = Board(.standard, cafes: ["gangnam-01", "hongdae-01"])
    board[Board.SeatIndex(cafe: 0, seat: 0)].session = SessionEvidence(Self.session)
    board[Board.SeatIndex(cafe: 0, seat: 0)].answer = "CHARGE_EXHAUSTED, 6 s left"
    board.cafes[0].show(Money(milliGCoin: 400_000))
    board.cafes[0].show(Money(milliGCoin: 100_500))
    return board
  }

  @Test("A PC's row tells game, player, state, play time and charge under their headings")
  func row() throws {
    let lines = board().lines(height: 40).map(\.plain)
    let headings = try #require(lines.first { $0.contains("GAME") })
    let row = try #require(lines.first { $0.contains("PC-1") })
    #expect(
      row == "  PC-1    tower           1001      running              1:12     60.000"
        + "  CHARGE_EXHAUSTED, 6 s left"
    )
    for (heading, cell) in [("PLAYER", "1001"), ("STATE", "running")] {
      let place = headings.ranges(of: heading).first?.lowerBound
      #expect(place == row.ranges(of: cell).first?.lowerBound)
    }
  }

  @Test("The widest row has about 100 columns")
  func width() {
    #expect(board().lines(height: 40).map(\.plain.count).max() ?? 0 <= 104)
  }

  @Test("The bar shows the balance as a share of the highest one, and never hides what is left")
  func bar() {
    func marks(_ balance: Int64) -> Int {
      Board.bar(Money(milliGCoin: balance), of: Money(milliGCoin: 3_000)).count { $0 == "#" }
    }
    #expect(marks(3_000) == 30)
    #expect(marks(1_500) == 15)
    #expect(marks(1) == 1)
    #expect(marks(0) == 0)
  }

  @Test("The table never has more lines than asked for, and the latest events are shown")
  func height() {
    var board = board()
    for number in 1...50 { _ = board.note("event \(number)", at: "PC-1") }
    let lines = board.lines(height: 24).map(\.plain)
    #expect(lines.count == 24)
    #expect(lines.last?.hasSuffix("event 50") == true)
  }

  @Test("An event's line has time, place and what happened")
  func event() {
    var board = board()
    board.elapsed = .milliseconds(72_350)
    #expect(board.note("plays", at: "PC-2").line.plain == "1:12.3  PC-2          plays")
  }

  @Test("Text from the service cannot steer the terminal")
  func controls() {
    var board = board()
    let line = board.note("told \u{1B}[2J", at: "PC-2").line.text(width: 80, isColoured: false)
    #expect(!line.contains("\u{1B}"))
  }
}

@Suite("A line for a terminal")
struct DemoStyledLineTests {
  private let line = {
    var line = StyledLine("PC-1", .good)
    line.add(" plays")
    return line
  }()

  @Test("Without colours it is its text")
  func plain() {
    #expect(line.text(width: 80, isColoured: false) == "PC-1 plays")
  }

  @Test("With colours every coloured piece is closed")
  func coloured() {
    #expect(line.text(width: 80, isColoured: true) == "\u{1B}[32mPC-1\u{1B}[0m plays")
  }

  @Test("It is cut off where the terminal ends, and colours do not count")
  func cut() {
    #expect(line.text(width: 6, isColoured: true) == "\u{1B}[32mPC-1\u{1B}[0m p")
    #expect(line.text(width: 2, isColoured: true) == "\u{1B}[32mPC\u{1B}[0m")
  }

  @Test("A frame goes up over the one before, and erases what was longer there")
  func frame() {
    let first = DemoDisplay.frame([line], over: 0, 80, false)
    #expect(first == "\rPC-1 plays\u{1B}[K\n\u{1B}[J")
    #expect(DemoDisplay.frame([line], over: 3, 80, false) == "\u{1B}[3A" + first)
  }
}
