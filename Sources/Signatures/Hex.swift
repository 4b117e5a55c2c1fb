/// Hexadecimal text, two digits a byte.
public enum Hex {
  /// Lower-case digits, the form in which signatures, digests and keys leave the service.
  public static func encode(_ bytes: [UInt8]) -> String {
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      unsafe write(bytes, to: text)
      return bytes.count * 2
    }
  }

  /// The same digits as bytes.
  public static func digits(of bytes: [UInt8]) -> [UInt8] {
    var text = [UInt8](repeating: 0, count: bytes.count * 2)
    unsafe text.withUnsafeMutableBufferPointer { unsafe write(bytes, to: $0) }
    return text
  }

  /// The bytes, or nil unless the text is nothing but an even number of ASCII digits 0-9, a-f and
  /// A-F: no prefix, no blanks.
  public static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for digit in digits {
      guard let value = value(of: digit) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }

  private static func write(_ bytes: [UInt8], to text: UnsafeMutableBufferPointer<UInt8>) {
    for (index, byte) in bytes.enumerated() {
      unsafe text[2 * index] = digit(byte >> 4)
      unsafe text[2 * index + 1] = digit(byte & 0x0f)
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
