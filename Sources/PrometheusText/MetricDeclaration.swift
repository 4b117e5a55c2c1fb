/// What a metric is called, how it behaves and what it means.
///
/// The exporter knows only declared metrics, so that each has its help text and its buckets, and
/// none comes to life by a misspelt name.
public struct MetricDeclaration: Sendable {
  /// How a metric's values behave.
  public enum Kind: Sendable {
    /// A sum that only grows until the process ends.
    case counter
    /// A value that goes up and down.
    case gauge
    /// Durations, counted by the smallest bound that they do not exceed.
    ///
    /// - Parameter seconds: The bounds, ascending; there is always a further one without bound.
    case histogram(seconds: [Double])

    /// The word of the format.
    var word: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// The name, with its base unit and, for a counter, `_total` last.
  public let name: String
  /// How it behaves.
  public let kind: Kind
  /// What it means, in one sentence or two.
  public let help: String

  /// A declaration. A name that the format does not allow, or bounds that do not ascend, trap.
  public init(_ name: String, _ kind: Kind, _ help: String) {
    precondition(MetricName.isValid(name), "\(name) is no name of a metric.")
    if case .histogram(let bounds) = kind {
      let ascend = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
      precondition(!bounds.isEmpty && ascend, "The bounds of \(name) do not ascend.")
    }
    self.name = name
    self.kind = kind
    self.help = help
  }
}

/// The alphabet of names.
enum MetricName {
  /// Whether the text is `[a-zA-Z_][a-zA-Z0-9_]*`: what labels may be called, and metrics, which
  /// could also have colons, but those are for rules.
  static func isValid(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
