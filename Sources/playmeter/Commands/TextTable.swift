/// Rows in aligned columns for a terminal.
struct TextTable {
  /// A column's heading and the side that its cells keep to.
  struct Column {
    let title: String
    let isNumeric: Bool

    /// Text, which keeps to the left.
    static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
    /// Numbers, which keep to the right so that their digits stand below each other.
    static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
  }

  private let columns: [Column]
  private let rows: [[String]]

  /// A table; each row has one cell per column.
  init(_ columns: [Column], _ rows: [[String]]) {
    self.columns = columns
    self.rows = rows.map { $0.map(Printable.text) }
  }

  /// Lines of names and values without headings, for a single thing.
  static func facts(_ facts: [(name: String, value: String)]) -> String {
    let rows = facts.map { [$0.name, Printable.text($0.value)] }
    return lines(rows, [.text(""), .text("")]).joined(separator: "\n")
  }

  /// Headings and rows as lines.
  var text: String {
    TextTable.lines([columns.map(\.title)] + rows, columns).joined(separator: "\n")
  }

  private static func lines(_ rows: [[String]], _ columns: [Column]) -> [String] {
    let widths = columns.indices.map { index in
      rows.map { TerminalWidth.of($0[index]) }.max() ?? 0
    }
    return rows.map { row in
      let cells = columns.indices.map { index in
        let blanks = String(repeating: " ", count: widths[index] - TerminalWidth.of(row[index]))
        return columns[index].isNumeric ? blanks + row[index] : row[index] + blanks
      }
      return withoutTrailingBlanks(cells.joined(separator: "  "))
    }
  }

  private static func withoutTrailingBlanks(_ line: String) -> String {
    guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
    return String(line[...last])
  }
}
