import Domain
import HTTPAPI
import JSON
import Logging

/// One message of the log and its form as a line. Nothing that comes from outside can end the line
/// or steer the terminal that shows it.
struct LogLine: Sendable {
  /// The members that every line has; metadata of the same name is moved aside, so that no name
  /// occurs twice in an object.
  private static let ownNames: Set<String> = ["timestamp", "level", "logger", "message"]
  /// Metadata below this depth is printed as text. Ours is flat; a library's may be anything.
  private static let maximumDepth = 8

  let timestamp: Instant
  let level: Logger.Level
  let label: String
  let message: String
  let metadata: Logger.Metadata

  /// The line without its end.
  func text(_ format: LogFormat) -> String {
    switch format {
    case .json: jsonText
    case .text: plainText
    }
  }

  private var sortedMetadata: [(name: String, value: Logger.MetadataValue)] {
    metadata.sorted { $0.key < $1.key }
      .map { (Self.ownNames.contains($0.key) ? "metadata.\($0.key)" : $0.key, $0.value) }
  }

  private var jsonText: String {
    let own: [JSONValue.Member] = [
      .init("timestamp", .string(Timestamp.text(of: timestamp))),
      .init("level", .string(level.rawValue)),
      .init("logger", .string(label)),
      .init("message", .string(message)),
    ]
    let rest = sortedMetadata.map { JSONValue.Member($0.name, Self.json($0.value, depth: 0)) }
    return Self.withoutTerminalControls(JSONValue.object(own + rest).text)
  }

  /// JSON needs only C0 controls escaped; here so is whatever else a terminal obeys. Outside of
  /// strings none of these can occur.
  private static func withoutTerminalControls(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: Printable.mustBeEscaped) else { return json }
    var escaped = ""
    for scalar in json.unicodeScalars {
      guard Printable.mustBeEscaped(scalar) else {
        escaped.unicodeScalars.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16)
      escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return escaped
  }

  private static func json(_ value: Logger.MetadataValue, depth: Int) -> JSONValue {
    guard depth < maximumDepth else { return .string("\(value)") }
    switch value {
    case .string(let text): return .string(text)
    case .stringConvertible(let number as any FixedWidthInteger):
      return Int64(exactly: number).map(JSONValue.integer) ?? .string("\(number)")
    case .stringConvertible(let flag as Bool): return .bool(flag)
    case .stringConvertible(let value): return .string(value.description)
    case .array(let values): return .array(values.map { json($0, depth: depth + 1) })
    case .dictionary(let values):
      let members = values.sorted { $0.key < $1.key }
      return .object(members.map { .init($0.key, json($0.value, depth: depth + 1)) })
    }
  }

  private var plainText: String {
    let rank = level.rawValue + String(repeating: " ", count: max(0, 8 - level.rawValue.count))
    let start = "\(Timestamp.text(of: timestamp)) \(rank) \(label): \(message)"
    let rest = sortedMetadata.map { " \($0.name)=\(Self.quoted("\($0.value)"))" }
    return Printable.text(start + rest.joined())
  }

  /// Values with blanks or quotes are put in quotes, so that it is clear where they end.
  private static func quoted(_ text: String) -> String {
    guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else {
      return text
    }
    let doubled = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
    return "\"" + String(doubled) + "\""
  }
}
