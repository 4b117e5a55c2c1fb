/// How a line of the log looks.
enum LogFormat: String, Sendable, CaseIterable {
  /// One JSON object per line, for whatever collects logs.
  case json
  /// Text for a terminal.
  case text
}
