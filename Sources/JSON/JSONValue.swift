/// A JSON document (RFC 8259) as a value, with its objects' members in the order of the text.
///
/// The service and the command line read and write all their JSON with it. Money and counts are
/// integers, so an integer is kept exactly and any other number only as the text that it was.
public enum JSONValue: Sendable, Equatable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A number of 64 bits without fraction and exponent.
  case integer(Int64)
  /// Any other number, as it was written; it must be a valid JSON number.
  case number(String)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Named values in order.
  case object([Member])

  /// A name and its value.
  public struct Member: Sendable, Equatable {
    /// The name; unique in its object.
    public let name: String
    /// The value.
    public let value: JSONValue

    /// A member from its parts.
    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The value of an object's member; nil when there is none or this is no object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The value of an array's element; nil past its end and when this is no array.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The text of a string, else nil.
  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The number of an integer, else nil.
  public var integer: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  /// The number of an integer, also of one with a fraction of zero, else nil: `7.0` is what writers
  /// that know no integers make of 7, and JSON Schema takes it for one.
  public var wholeNumber: Int64? {
    guard case .number(let text) = self else { return integer }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) else {
      return nil
    }
    return Int64(parts[0])
  }

  /// The elements of an array, else nil.
  public var array: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }
}

// Literals keep the documents in this module as readable as the JSON that they become.

extension JSONValue: ExpressibleByNilLiteral {
  public init(nilLiteral: ()) { self = .null }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSONValue: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map(Member.init))
  }
}

extension JSONValue {
  /// An integer, or null for nil.
  public static func optional(_ number: Int64?) -> JSONValue {
    number.map(JSONValue.integer) ?? .null
  }

  /// A string, or null for nil.
  public static func optional(_ text: String?) -> JSONValue {
    text.map(JSONValue.string) ?? .null
  }
}
