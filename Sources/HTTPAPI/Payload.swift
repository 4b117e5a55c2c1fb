import Domain
import JSON

/// The members of a body, read by name and type. Every refusal names the field.
///
/// Unknown members are ignored, and null counts as absent.
struct Payload: Sendable {
  /// The payload of a request without a body.
  static let empty = Payload(members: [])
  /// Printable ASCII, the space included.
  private static let printable: ClosedRange<UInt8> = 0x20...0x7E

  private let members: [JSONValue.Member]

  init(_ value: JSONValue) throws(APIError) {
    guard case .object(let members) = value else {
      throw APIError(.badRequest, "The body must be a JSON object.")
    }
    self.members = members
  }

  private init(members: [JSONValue.Member]) {
    self.members = members
  }

  /// A value that is there and is not null.
  func value(_ field: String) -> JSONValue? {
    guard let member = members.first(where: { $0.name == field }) else { return nil }
    if case .null = member.value { return nil }
    return member.value
  }

  func string(_ field: String) throws(APIError) -> String {
    guard let text = value(field)?.string else { throw Self.refusal(field, "a string") }
    return text
  }

  func optionalString(_ field: String) throws(APIError) -> String? {
    value(field) == nil ? nil : try string(field)
  }

  /// A string that follows a name's rule.
  func name<Value: Name>(_ field: String, _: Value.Type = Value.self) throws(APIError) -> Value {
    guard let name = Value(try string(field)) else { throw Self.refusal(field, Value.rule) }
    return name
  }

  /// A string of 1 to 128 printable ASCII characters.
  func optionalLabel(_ field: String) throws(APIError) -> String? {
    guard let text = try optionalString(field) else { return nil }
    guard Self.isLabel(text) else { throw Self.refusal(field, "1 to 128 printable characters") }
    return text
  }

  static func isLabel(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy(printable.contains)
  }

  /// A text for people, without control characters.
  func text(_ field: String, maximumCharacters: Int) throws(APIError) -> String {
    let text = try string(field)
    let isPrintable = text.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control
    }
    guard isPrintable, (1...maximumCharacters).contains(text.count) else {
      throw Self.refusal(field, "1 to \(maximumCharacters) printable characters")
    }
    return text
  }

  func integer(_ field: String, in range: ClosedRange<Int64>) throws(APIError) -> Int64 {
    guard let number = value(field)?.wholeNumber else { throw Self.refusal(field, "an integer") }
    guard range.contains(number) else {
      throw Self.refusal(field, "between \(range.lowerBound) and \(range.upperBound)")
    }
    return number
  }

  /// A time in Unix milliseconds or RFC 3339.
  func instant(_ field: String) throws(APIError) -> Instant {
    if let milliseconds = value(field)?.wholeNumber { return Instant(milliseconds: milliseconds) }
    guard let text = value(field)?.string, let instant = Timestamp.instant(of: text) else {
      throw Self.refusal(field, "Unix milliseconds or an RFC 3339 timestamp")
    }
    return instant
  }

  /// A string that follows a name's rule; nil when it is absent.
  func optionalName<Value: Name>(_ field: String) throws(APIError) -> Value? {
    value(field) == nil ? nil : try name(field)
  }

  func optionalBool(_ field: String) throws(APIError) -> Bool? {
    guard let value = value(field) else { return nil }
    guard case .bool(let flag) = value else { throw Self.refusal(field, "true or false") }
    return flag
  }

  static func refusal(_ field: String, _ rule: String) -> APIError {
    APIError(.badRequest, "\(field) must be \(rule)")
  }
}
