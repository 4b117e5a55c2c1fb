import Foundation

/// Where the evening is shown: a live table on a terminal, else a line for each event.
struct DemoDisplay: Sendable {
  /// How the evening is shown.
  enum Form: Sendable, Equatable {
    /// A table that is drawn again and again, on standard output.
    case table(isColoured: Bool)
    /// A line for each event, on standard output.
    case lines
    /// A line for each event, on standard error: standard output belongs to the JSON document.
    case linesBesideJSON
  }

  /// Narrower or lower than this, a table would be cut beyond recognition.
  private static let leastColumns = 60
  private static let leastRows = 22

  let form: Form
  private var drawnLines = 0

  init(form: Form) { self.form = form }

  /// The form that suits where standard output goes.
  static func form(isJSON: Bool, environment: [String: String]) -> Form {
    guard !isJSON else { return .linesBesideJSON }
    guard let size = TerminalSize.ofStandardOutput, environment["TERM"] != "dumb",
      size.columns >= leastColumns, size.rows >= leastRows
    else { return .lines }
    // https://no-color.org: present and not empty, whatever its value.
    return .table(isColoured: environment["NO_COLOR", default: ""].isEmpty)
  }

  /// Shows what has just happened, where that is not part of the table.
  func show(_ event: Board.Event) {
    switch form {
    case .table: break
    case .lines: StandardOutput.write(event.line.plain + "\n")
    case .linesBesideJSON: StandardError.write(event.line.plain + "\n")
    }
  }

  /// Draws the table over the one that was drawn before.
  mutating func draw(_ board: Board) {
    guard case .table(let isColoured) = form, let size = TerminalSize.ofStandardOutput else {
      return
    }
    // The cursor stands on the line below the table, which takes one row as well.
    let lines = board.lines(height: size.rows - 1)
    StandardOutput.write(
      Self.frame(lines, over: min(drawnLines, size.rows - 1), size.columns, isColoured)
    )
    drawnLines = lines.count
  }

  /// A frame as one text, so that a terminal shows it at once: up to the first line, each line
  /// followed by "erase to the end of the line", at last "erase to the end of the screen".
  static func frame(
    _ lines: [StyledLine],
    over drawnLines: Int,
    _ columns: Int,
    _ isColoured: Bool
  ) -> String {
    let up = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
    let texts = lines.map { $0.text(width: columns, isColoured: isColoured) + "\u{1B}[K\n" }
    return up + "\r" + texts.joined() + "\u{1B}[J"
  }
}

/// The size of a terminal in characters.
struct TerminalSize: Sendable, Equatable {
  let columns: Int
  let rows: Int

  /// The size of the terminal that standard output is; nil when it is none.
  static var ofStandardOutput: TerminalSize? {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0, size.ws_row > 0
    else { return nil }
    return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }
}

/// Standard output as the demonstration uses it: nothing waits in a buffer.
enum StandardOutput {
  /// Writes a text. Where standard output is gone, nobody is left to show anything to.
  static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return }
      rest = rest.dropFirst(max(0, count))
    }
  }
}
