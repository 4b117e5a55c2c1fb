/// A strict reader of JSON (RFC 8259) from UTF-8 bytes.
///
/// Every request's body passes through it, so it works on bytes and allocates only what it returns.
/// It refuses what two readers could understand differently: duplicate names, bytes after the
/// value, invalid UTF-8 (overlong forms and surrogates included).
struct JSONReader {
  /// No document of ours is nested deeper than 4; the bound keeps the recursion off the stack's
  /// end.
  static let maximumDepth = 16
  /// Up to so many members a linear search for a duplicate is faster than a set.
  private static let linearMembers = 16

  /// Most objects fit without growing.
  private static let usualMembers = 8

  /// What it reads, which must outlive the reader.
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0

  /// Reads exactly one value with white space around it.
  static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in try read(bytes) }
  }

  private static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value(depth: 0)
    reader.skipWhiteSpace()
    guard reader.position == bytes.count else { throw reader.error(.trailingBytes) }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipWhiteSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    guard try !skip(UInt8(ascii: "}")) else { return .object(members) }
    members.reserveCapacity(Self.usualMembers)
    repeat {
      skipWhiteSpace()
      let start = position
      guard try peek() == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
      let name = try string()
      guard !Self.isKnown(name, members, &names) else { throw error(.duplicateName, at: start) }
      guard try skip(UInt8(ascii: ":")) else { throw error(.unexpectedByte) }
      members.append(JSONValue.Member(name, try value(depth: depth)))
    } while try skip(UInt8(ascii: ","))
    guard try skip(UInt8(ascii: "}")) else { throw error(.unexpectedByte) }
    return .object(members)
  }

  /// Whether an object has the name already; a body full of names must not cost a quadratic search.
  private static func isKnown(
    _ name: String,
    _ members: [JSONValue.Member],
    _ names: inout Set<String>
  ) -> Bool {
    guard members.count >= linearMembers else { return members.contains { $0.name == name } }
    if names.isEmpty { names = Set(members.map(\.name)) }
    return !names.insert(name).inserted
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    try enter(depth)
    var elements: [JSONValue] = []
    guard try !skip(UInt8(ascii: "]")) else { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth))
    } while try skip(UInt8(ascii: ","))
    guard try skip(UInt8(ascii: "]")) else { throw error(.unexpectedByte) }
    return .array(elements)
  }

  private mutating func enter(_ depth: Int) throws(JSONError) {
    guard depth <= Self.maximumDepth else { throw error(.tooDeep) }
    position += 1
  }

  private mutating func word(
    _ text: StaticString,
    _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for byte in text.description.utf8 {
      guard try peek() == byte else { throw error(.unexpectedByte) }
      position += 1
    }
    return value
  }

  /// Skips white space and then the byte, if it stands there.
  private mutating func skip(_ byte: UInt8) throws(JSONError) -> Bool {
    skipWhiteSpace()
    guard try peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipWhiteSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// The next byte, which stays.
  func peek() throws(JSONError) -> UInt8 {
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    return bytes[position]
  }

  func error(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
    JSONError(reason: reason, offset: offset ?? position)
  }
}

extension JSONValue {
  /// Reads a document; it must be one value, strictly RFC 8259, at most 16 levels deep.
  public init(bytes: [UInt8]) throws(JSONError) {
    self = try JSONReader.read(bytes)
  }

  /// Reads a document from a text.
  public init(text: String) throws(JSONError) {
    self = try JSONReader.read(Array(text.utf8))
  }
}
