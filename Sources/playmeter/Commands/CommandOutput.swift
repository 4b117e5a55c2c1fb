import HTTPAPI
import JSON

/// What a command found or did, for programs and for people.
///
/// A list is a bare JSON array and anything else an object, both with names in snake_case and money
/// in milli-G-coin. The text has money in G-coin.
struct CommandOutput: Sendable, Equatable {
  /// The document that `--json` prints.
  let json: JSONValue
  /// Lines for a terminal, without the last line's end.
  let text: String
}
