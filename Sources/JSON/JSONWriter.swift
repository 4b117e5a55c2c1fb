/// A writer of compact JSON: no white space, members in the given order, only what must be
/// escaped is escaped. The same value always gives the same bytes.
///
/// Whoever has no ``JSONValue`` and much to write puts the members of an object here one by one.
///
/// It fills space directly and only counts what has no place there any more; the few documents that
/// are longer than most are written anew. With an array that grew byte by byte an answer took five
/// times as long, a tenth of the instructions of a heartbeat.
public struct JSONWriter {
  /// Most answers fit, and so much is still allocated quickly.
  private static let usualBytes = 960
  private static let hexDigits = Array("0123456789abcdef".utf8)

  private let space: UnsafeMutableBufferPointer<UInt8>
  /// The bytes of the text so far, also those for which there was no place.
  private var count = 0

  /// The value as UTF-8.
  static func bytes(of value: JSONValue) -> [UInt8] {
    bytes { $0.write(value) }
  }

  /// An object as UTF-8.
  ///
  /// - Parameter putMembers: Puts the members. It is called again when the object is longer than
  ///   most, and must do the same then.
  public static func object(_ putMembers: (inout JSONWriter) -> Void) -> [UInt8] {
    bytes { writer in
      writer.put(UInt8(ascii: "{"))
      putMembers(&writer)
      writer.put(UInt8(ascii: "}"))
    }
  }

  private static func bytes(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var length = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: usualBytes) { space, count in
      length = Self.write(write, to: space)
      count = min(length, usualBytes)
    }
    guard length > usualBytes else { return bytes }
    return [UInt8](unsafeUninitializedCapacity: length) { space, count in
      count = Self.write(write, to: space)
    }
  }

  /// Returns how many bytes were written. Without place for all of them the space holds none of
  /// use.
  private static func write(
    _ write: (inout JSONWriter) -> Void,
    to space: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var writer = JSONWriter(space: space)
    write(&writer)
    return writer.count
  }

  private init(space: UnsafeMutableBufferPointer<UInt8>) { self.space = space }

  /// Puts the next member of an ``object(_:)``; the name must be new in it.
  public mutating func put(_ name: String, _ value: Int64) {
    putName(name)
    put(value)
  }

  /// The same with a text.
  public mutating func put(_ name: String, _ value: String) {
    putName(name)
    writeString(value)
  }

  private mutating func putName(_ name: String) {
    // Behind the brace that opens the object.
    if count > 1 { put(UInt8(ascii: ",")) }
    writeString(name)
    put(UInt8(ascii: ":"))
  }

  private mutating func write(_ value: JSONValue) {
    switch value {
    case .null: put("null")
    case .bool(let flag): put(flag ? "true" : "false")
    case .integer(let number): put(number)
    case .number(var text): text.withUTF8 { put($0) }
    case .string(let text): writeString(text)
    case .array(let elements):
      put(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { put(UInt8(ascii: ",")) }
        write(element)
      }
      put(UInt8(ascii: "]"))
    case .object(let members):
      put(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { put(UInt8(ascii: ",")) }
        writeString(member.name)
        put(UInt8(ascii: ":"))
        write(member.value)
      }
      put(UInt8(ascii: "}"))
    }
  }

  private mutating func writeString(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      put(UInt8(ascii: "\""))
      if Self.isPlain(utf8) {
        put(utf8)
      } else {
        for byte in utf8 { putEscaped(byte) }
      }
      put(UInt8(ascii: "\""))
    }
  }

  /// Whether nothing in a text must be escaped, as in nearly every one.
  private static func isPlain(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in utf8 where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
      return false
    }
    return true
  }

  private mutating func putEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      put(UInt8(ascii: "\\"))
      put(byte)
    case 0x0A: put("\\n")
    case 0x0D: put("\\r")
    case 0x09: put("\\t")
    case ..<0x20:
      put("\\u00")
      put(Self.hexDigits[Int(byte >> 4)])
      put(Self.hexDigits[Int(byte & 0xF)])
    default: put(byte)
    }
  }

  private mutating func put(_ number: Int64) {
    if number < 0 { put(UInt8(ascii: "-")) }
    let end = count + Self.digitCount(of: number.magnitude)
    if end <= space.count {
      // The last digit is the first to be known.
      var rest = number.magnitude
      for index in (count..<end).reversed() {
        space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
    }
    count = end
  }

  private static func digitCount(of number: UInt64) -> Int {
    var count = 1
    var rest = number
    while rest >= 10 {
      count += 1
      rest /= 10
    }
    return count
  }

  private mutating func put(_ text: StaticString) {
    put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.count <= space.count - count {
      let rest = UnsafeMutableBufferPointer(rebasing: space[count...])
      UnsafeMutableRawBufferPointer(rest).copyMemory(from: UnsafeRawBufferPointer(bytes))
    }
    count += bytes.count
  }

  private mutating func put(_ byte: UInt8) {
    if count < space.count { space[count] = byte }
    count += 1
  }
}

extension JSONValue {
  /// The document as compact UTF-8 JSON.
  public var bytes: [UInt8] { JSONWriter.bytes(of: self) }

  /// The document as compact JSON.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
