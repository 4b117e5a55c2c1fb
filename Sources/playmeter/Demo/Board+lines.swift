import Domain

/// The board as lines of about 100 columns. What matters least stands at the right, where narrow
/// terminals cut.
extension Board {
  private static let barColumns = 30

  /// The whole board in at most `height` lines: the latest events get what the table leaves.
  func lines(height: Int) -> [StyledLine] {
    let table = [title, StyledLine(), Self.headings] + cafes.flatMap(Self.lines) + hostLines
    let latest = events.suffix(max(0, height - table.count)).map(\.line)
    return table + latest
  }

  private var title: StyledLine {
    var line = StyledLine("Playmeter", .heading)
    line.add("   an evening in two cafes   " + ClockText.minutes(of: elapsed))
    line.add("   a heartbeat every \(beat.components.seconds) s", .faded)
    return line
  }

  private static func lines(_ cafe: Cafe) -> [StyledLine] {
    [heading(cafe)] + cafe.seats.map(line) + [StyledLine()]
  }

  private static func heading(_ cafe: Cafe) -> StyledLine {
    var line = StyledLine(Printable.text(cafe.id).column(18), .heading)
    guard let balance = cafe.balance else { return line }
    line.add(balance.gCoinText.rightColumn(11) + " G-coin  ")
    let isLow = balance.milliGCoin * 10 < cafe.highest.milliGCoin
    line.add(bar(balance, of: cafe.highest), isLow ? .warning : .good)
    return line
  }

  /// A bar in ASCII; anything that is left shows as at least one mark.
  static func bar(_ balance: Money, of highest: Money) -> String {
    guard highest > .zero else { return "" }
    let share = Double(balance.milliGCoin) / Double(highest.milliGCoin)
    let marks = min(barColumns, Int((share * Double(barColumns)).rounded(.up)))
    return "[" + String(repeating: "#", count: marks)
      + String(repeating: ".", count: barColumns - marks) + "]"
  }

  private static let headings = StyledLine(
    row("PC", "GAME", "PLAYER", "STATE", "PLAYED", "CHARGED", "THE GAME SERVER IS TOLD"),
    .faded
  )

  private static func row(
    _ pc: String,
    _ game: String,
    _ user: String,
    _ state: String,
    _ played: String,
    _ charged: String,
    _ answer: String
  ) -> String {
    [
      "  " + pc.column(6), game.column(14), user.column(8), state.column(17),
      played.rightColumn(6), charged.rightColumn(9), answer,
    ]
    .joined(separator: "  ")
  }

  private static func line(_ seat: Seat) -> StyledLine {
    guard let session = seat.session else {
      return StyledLine(row(seat.pc, "", "", "free", "", "", ""), .faded)
    }
    let text = row(
      seat.pc,
      Printable.text(session.game),
      session.user,
      seat.stateText,
      ClockText.minutes(of: .seconds(session.playSeconds)),
      session.charged.gCoinText,
      seat.answer
    )
    return StyledLine(text, seat.style)
  }
}

extension Board.Seat {
  /// The state of the latest session, or why it ended.
  var stateText: String {
    switch session?.state {
    case nil: "free"
    case .ended: session?.reason?.rawValue ?? "ended"
    case .grace: "grace"
    case .running: "running"
    }
  }

  fileprivate var style: StyledLine.Style {
    switch session?.state {
    case .running: .good
    case .grace: .warning
    case .ended, nil: .plain
    }
  }
}

extension Board.Event {
  /// The event as a line beneath the table.
  var line: StyledLine {
    var line = StyledLine(ClockText.tenths(of: elapsed) + "  ", .faded)
    line.add(Printable.text(place).column(12) + "  ")
    line.add(Printable.text(text))
    return line
  }
}

/// Durations as a stop watch shows them.
enum ClockText {
  /// Minutes and seconds: `0:42`.
  static func minutes(of duration: Duration) -> String {
    let seconds = duration.components.seconds
    return "\(seconds / 60):" + padded(seconds % 60)
  }

  /// Minutes, seconds and tenths: `0:42.3`.
  static func tenths(of duration: Duration) -> String {
    // 10^17 attoseconds are a tenth of a second.
    let tenths = duration.components.attoseconds / 100_000_000_000_000_000
    return minutes(of: duration) + ".\(tenths)"
  }

  /// Seconds and tenths: `6.2 s`.
  static func seconds(of duration: Duration) -> String {
    let tenths = duration.components.attoseconds / 100_000_000_000_000_000
    return "\(duration.components.seconds).\(tenths) s"
  }

  private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
