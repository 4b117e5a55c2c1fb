/// Base64 with padding (RFC 4648, section 4).
public enum Base64 {
  /// Four digits for every three bytes.
  public static func encode(_ bytes: [UInt8]) -> String {
    unsafe String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
      var end = 0
      for start in stride(from: 0, to: bytes.count, by: 3) {
        let last = min(start + 3, bytes.count)
        var group = UInt32(bytes[start]) << 16
        if start + 1 < last { group |= UInt32(bytes[start + 1]) << 8 }
        if start + 2 < last { group |= UInt32(bytes[start + 2]) }
        for index in 0..<4 {
          // A digit of which no bit is a byte's.
          let isPadding = start + index > last
          let value = UInt8(group >> UInt32(18 - 6 * index) & 0x3F)
          unsafe text[end] = isPadding ? UInt8(ascii: "=") : digit(value)
          end += 1
        }
      }
      return end
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    switch value {
    case ..<26: UInt8(ascii: "A") + value
    case ..<52: UInt8(ascii: "a") + value - 26
    case ..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}
