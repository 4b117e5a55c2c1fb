/// Strings and numbers.
extension JSONReader {
  /// Reads a string; the position is at its opening quotation mark.
  mutating func string() throws(JSONError) -> String {
    let start = position
    var end = start + 1
    // The loop changes nothing of the reader: that made it twice as fast.
    while end < bytes.count, Self.isPlain(bytes[end]) { end += 1 }
    position = end
    switch try peek() {
    case UInt8(ascii: "\""):
      position += 1
      return try text(bytes[(start + 1)..<end], start)
    case UInt8(ascii: "\\"):
      return try escapedString(start)
    default:
      throw error(.controlCharacter)
    }
  }

  /// Whether a byte stands for itself.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// Goes on from the first backslash of a string that starts at `start`.
  private mutating func escapedString(_ start: Int) throws(JSONError) -> String {
    var unescaped = Array(bytes[(start + 1)..<position])
    while true {
      let byte = try peek()
      guard byte >= 0x20 else { throw error(.controlCharacter) }
      position += 1
      if byte == UInt8(ascii: "\"") {
        return try unescaped.withUnsafeBufferPointer { utf8 throws(JSONError) in
          try text(utf8[...], start)
        }
      }
      if byte == UInt8(ascii: "\\") {
        unescaped.append(contentsOf: Character(try escape()).utf8)
      } else {
        unescaped.append(byte)
      }
    }
  }

  private func text(
    _ slice: Slice<UnsafeBufferPointer<UInt8>>,
    _ start: Int
  ) throws(JSONError) -> String {
    let utf8 = UnsafeBufferPointer(rebasing: slice)
    // Nearly all texts are ASCII; for them the general way costs several times as much.
    if utf8.allSatisfy({ $0 < 0x80 }) { return String(decoding: utf8, as: UTF8.self) }
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw error(.invalidUTF8, at: start)
    }
    return text
  }

  /// The character of an escape; the position is behind its backslash.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let byte = try peek()
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error(.invalidEscape, at: position - 1)
    }
  }

  /// A code unit, or two that make a surrogate pair. Half a pair stands for no character.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xDC00, try peek() == UInt8(ascii: "\\") else {
      throw error(.invalidEscape, at: start)
    }
    position += 1
    guard try peek() == UInt8(ascii: "u") else { throw error(.invalidEscape, at: start) }
    position += 1
    let low = try codeUnit()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw error(.invalidEscape, at: start) }
    return scalar
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
        throw error(.invalidEscape)
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }

  /// Reads a number, or refuses whatever else starts here.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = skipByte(UInt8(ascii: "-"))
    let magnitude = try integerPart(isNegative)
    let hasFraction = skipByte(UInt8(ascii: "."))
    if hasFraction { try digits() }
    let hasExponent = skipByte(UInt8(ascii: "e")) || skipByte(UInt8(ascii: "E"))
    if hasExponent {
      if !skipByte(UInt8(ascii: "+")) { _ = skipByte(UInt8(ascii: "-")) }
      try digits()
    }
    if let magnitude, !hasFraction, !hasExponent { return .integer(magnitude) }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  /// `0` or digits that do not start with it, with their sign; nil past 64 bits.
  private mutating func integerPart(_ isNegative: Bool) throws(JSONError) -> Int64? {
    if skipByte(UInt8(ascii: "0")) { return 0 }
    let start = position
    try digits()
    var number: Int64 = 0
    var fits = true
    for byte in bytes[start..<position] {
      let digit = Int64(byte - UInt8(ascii: "0"))
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(isNegative ? -digit : digit)
      fits = fits && !overflow && !carry
      number = sum
    }
    return fits ? number : nil
  }

  private mutating func digits() throws(JSONError) {
    guard Self.isDigit(try peek()) else { throw error(.unexpectedByte) }
    while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
  }

  private mutating func skipByte(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
