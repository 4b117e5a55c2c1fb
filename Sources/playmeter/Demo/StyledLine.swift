/// A line of the live table: pieces of text that a terminal may colour.
struct StyledLine: Sendable, Equatable {
  /// What a piece of text means, not how it looks.
  enum Style: Sendable {
    case plain, heading, faded, good, warning

    /// Select Graphic Rendition parameters (ECMA-48), from the eight colours of every terminal.
    fileprivate var parameters: String {
      switch self {
      case .plain: ""
      case .heading: "1"
      case .faded: "2"
      case .good: "32"
      case .warning: "33"
      }
    }
  }

  /// A piece of text.
  struct Span: Sendable, Equatable {
    let text: String
    let style: Style
  }

  private(set) var spans: [Span] = []

  init(_ text: String = "", _ style: Style = .plain) {
    add(text, style)
  }

  /// Adds a piece at the end.
  mutating func add(_ text: String, _ style: Style = .plain) {
    if !text.isEmpty { spans.append(Span(text: text, style: style)) }
  }

  /// The text without colours.
  var plain: String { spans.map(\.text).joined() }

  /// The text for a terminal of a width; what does not fit is cut off, so that no line wraps.
  func text(width: Int, isColoured: Bool) -> String {
    var left = width
    return
      spans.map { span in
        let shown = String(span.text.prefix(left))
        left -= shown.count
        guard isColoured, !span.style.parameters.isEmpty, !shown.isEmpty else { return shown }
        return "\u{1B}[\(span.style.parameters)m\(shown)\u{1B}[0m"
      }
      .joined()
  }
}

extension String {
  /// The text in a column of a width: filled with blanks at its end, or cut off.
  func column(_ width: Int) -> String {
    let shown = prefix(width)
    return shown + String(repeating: " ", count: width - shown.count)
  }

  /// The text at the right of a column of a width.
  func rightColumn(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
