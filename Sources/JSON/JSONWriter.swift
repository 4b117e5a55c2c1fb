/// A writer of compact JSON: no white space, members in the given order, only what must be
/// escaped is escaped. The same value always gives the same bytes.
public struct JSONWriter {
  /// Most answers fit without growing.
  private static let usualBytes = 256
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// A writer that has written nothing.
  public init() { bytes.reserveCapacity(Self.usualBytes) }

  /// Appends a value.
  public mutating func write(_ value: JSONValue) {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): writeString(text)
    case .array(let elements): write(elements, "[", "]") { $0.write($1) }
    case .object(let members): write(members, "{", "}") { $0.writeMember($1) }
    }
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: text.description.utf8)
  }

  private mutating func write<Element>(
    _ elements: [Element],
    _ opening: Unicode.Scalar,
    _ closing: Unicode.Scalar,
    each: (inout JSONWriter, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: opening))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      each(&self, element)
    }
    bytes.append(UInt8(ascii: closing))
  }

  private mutating func writeMember(_ member: JSONValue.Member) {
    writeString(member.name)
    bytes.append(UInt8(ascii: ":"))
    write(member.value)
  }

  private mutating func writeString(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    // Nearly every text is copied as a whole; byte by byte, and by way of the string's own view,
    // they were 15 % of the instructions of a search for a host.
    let isPlain = text.withUTF8 { utf8 in
      guard !utf8.contains(where: Self.mustBeEscaped) else { return false }
      bytes.append(contentsOf: utf8)
      return true
    }
    if !isPlain { writeEscaped(text) }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaped(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case ..<0x20: writeControl(byte)
      default: bytes.append(byte)
      }
    }
  }

  private mutating func writeControl(_ byte: UInt8) {
    append("\\u00")
    bytes += [Self.hexDigits[Int(byte >> 4)], Self.hexDigits[Int(byte & 0xF)]]
  }
}

extension JSONValue {
  /// The document as compact UTF-8 JSON.
  public var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.write(self)
    return writer.bytes
  }

  /// The document as compact JSON.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
