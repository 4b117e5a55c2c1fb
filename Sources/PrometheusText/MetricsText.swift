/// Writes the Prometheus text format, version 0.0.4.
struct MetricsText {
  private(set) var text = ""

  /// The two lines before a metric's samples.
  mutating func head(_ declaration: MetricDeclaration) {
    let help = Self.escaped(declaration.help, quotes: false)
    text += "# HELP \(declaration.name) \(help)\n"
    text += "# TYPE \(declaration.name) \(declaration.kind.word)\n"
  }

  /// One line.
  mutating func sample(_ name: String, _ labels: String, _ value: String) {
    text += name
    if !labels.isEmpty { text += "{\(labels)}" }
    text += " \(value)\n"
  }

  /// Appends what was written elsewhere.
  mutating func append(_ other: MetricsText) {
    text += other.text
  }

  /// Labels in the order of their names, so that the same ones are the same text. A name that the
  /// format does not allow traps.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.sorted { $0.0 < $1.0 }
      .map { name, value in
        precondition(MetricName.isValid(name), "\(name) is no name of a label.")
        return "\(name)=\"\(escaped(value, quotes: true))\""
      }
      .joined(separator: ",")
  }

  /// A number without an exponent or a fraction where it needs none.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return "\(value)"
  }

  /// A label's value or a help text as the format wants it; quotes are escaped only in values.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
