import Domain
import JSON

/// One thing that is wrong with a request, in the form that host programs know.
struct FieldIssue: Sendable, Equatable {
  /// The field; `fallback.2` for the third element of a list, empty for the body itself.
  let path: String
  /// What is wrong, for people.
  let message: String
  /// What is wrong, for programs.
  let code: Code

  /// The kinds of faults.
  enum Code: String, Sendable, CaseIterable {
    case invalidJSON = "invalid_json"
    case invalidType = "invalid_type"
    case invalidString = "invalid_string"
    case invalidChoice = "invalid_enum_value"
    case tooSmall = "too_small"
    case tooBig = "too_big"
  }

  var json: JSONValue {
    ["path": .string(path), "message": .string(message), "code": .string(code.rawValue)]
  }
}

/// Reads the fields of a request and notes every fault instead of stopping at the first, so that
/// whoever writes a host program mends them all in one go.
///
/// Unknown fields are ignored, and null counts as absent.
struct HostFields {
  /// The longest name of any rule.
  private static let maximumNameBytes = 64

  private let payload: Payload
  private(set) var issues: [FieldIssue] = []

  init(_ payload: Payload) { self.payload = payload }

  /// What to throw when a value is missing.
  var refusal: APIError {
    APIError(.badRequest, "Validation failed", issues: issues)
  }

  /// Throws everything that is wrong, if anything is.
  func requireNoIssues() throws(APIError) {
    guard issues.isEmpty else { throw refusal }
  }

  mutating func note(_ path: String, _ code: FieldIssue.Code, _ message: String) {
    issues.append(FieldIssue(path: path, message: message, code: code))
  }

  /// A name that must be there; nil only after a fault.
  mutating func name<Value: Name>(_ field: String, _: Value.Type = Value.self) -> Value? {
    guard isThere(field) else { return nil }
    return optionalName(field)
  }

  /// A name that may be absent.
  mutating func optionalName<Value: Name>(_ field: String, _: Value.Type = Value.self) -> Value? {
    guard let text = string(field) else { return nil }
    guard let name = Value(text) else {
      note(field, Self.fault(ofName: text), "Expected \(Value.rule)")
      return nil
    }
    return name
  }

  /// A number that may be absent.
  mutating func integer(_ field: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = payload.value(field) else { return nil }
    guard let number = value.wholeNumber else {
      note(field, .invalidType, "Expected integer, received \(value.kind)")
      return nil
    }
    guard let number = Int(exactly: number), range.contains(number) else {
      let code: FieldIssue.Code = number < range.lowerBound ? .tooSmall : .tooBig
      note(field, code, "Expected \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }

  /// One of a few texts, if it is there.
  mutating func choice<Value>(_ field: String, among values: [String: Value]) -> Value? {
    string(field).flatMap { choice($0, field, among: values) }
  }

  /// One of a few texts, which must be there; nil only after a fault.
  mutating func requiredChoice<Value>(_ field: String, among values: [String: Value]) -> Value? {
    guard isThere(field) else { return nil }
    return choice(field, among: values)
  }

  /// Some of a few texts in their order; none when the field is absent.
  mutating func choices<Value>(
    _ field: String,
    atMost limit: Int,
    among values: [String: Value]
  ) -> [Value] {
    guard let value = payload.value(field) else { return [] }
    guard let elements = value.array else {
      note(field, .invalidType, "Expected array, received \(value.kind)")
      return []
    }
    guard elements.count <= limit else {
      note(field, .tooBig, "Expected at most \(limit) elements")
      return []
    }
    return elements.enumerated()
      .compactMap { index, element in
        let path = "\(field).\(index)"
        return string(element, path).flatMap { choice($0, path, among: values) }
      }
  }

  /// A text that came from elsewhere than the body.
  mutating func choice<Value>(
    _ text: String,
    _ path: String,
    among values: [String: Value]
  ) -> Value? {
    if let value = values[text] { return value }
    note(path, .invalidChoice, "Expected one of \(values.keys.sorted().joined(separator: ", "))")
    return nil
  }

  private mutating func isThere(_ field: String) -> Bool {
    guard payload.value(field) == nil else { return true }
    note(field, .invalidType, "Required")
    return false
  }

  private mutating func string(_ field: String) -> String? {
    payload.value(field).flatMap { string($0, field) }
  }

  private mutating func string(_ value: JSONValue, _ path: String) -> String? {
    if let text = value.string { return text }
    note(path, .invalidType, "Expected string, received \(value.kind)")
    return nil
  }

  private static func fault(ofName text: String) -> FieldIssue.Code {
    switch text.utf8.count {
    case 0: .tooSmall
    case 1...maximumNameBytes: .invalidString
    default: .tooBig
    }
  }
}

extension JSONValue {
  /// What JSON calls such a value.
  fileprivate var kind: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer, .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension Call {
  /// The body's fields. What is no JSON object at all is an issue of the body as a whole.
  ///
  /// - Parameter isOptional: Whether no body is as good as one without fields.
  func hostFields(isOptional: Bool = false) throws -> HostFields {
    if isOptional, body.isEmpty { return HostFields(Payload.empty) }
    try ContentType.requireJSON(fields)
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(bytes: body)
    } catch {
      throw Self.bodyRefusal(.invalidJSON, "The body is no valid JSON: \(error)")
    }
    guard case .object = value else {
      throw Self.bodyRefusal(.invalidType, "Expected object, received \(value.kind)")
    }
    return HostFields(try Payload(value))
  }

  private static func bodyRefusal(_ code: FieldIssue.Code, _ message: String) -> APIError {
    var fields = HostFields(Payload.empty)
    fields.note("", code, message)
    return fields.refusal
  }
}
