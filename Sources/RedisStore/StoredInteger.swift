/// Integers as Redis keeps them.
///
/// The scripts compute in Lua, whose numbers are doubles, so nothing of ours is ever beyond 2^53.
/// Whatever is comes from somebody else, and would overflow where it is added to or multiplied.
extension Int64 {
  /// 2^53: even as seconds it is less than 2^63 milliseconds.
  private static let largestStored: Int64 = 1 << 53

  /// A number of a reply; nil for one that cannot be ours.
  init?(stored number: Int64) {
    guard number.magnitude <= Self.largestStored.magnitude else { return nil }
    self = number
  }

  /// The same written as text.
  init?(stored text: String) {
    self.init(stored: Substring(text).utf8)
  }

  /// The same in a part of a text, without making a text of it.
  init?(stored digits: Substring.UTF8View) {
    var magnitude: Int64 = 0
    let isNegative = digits.first == UInt8(ascii: "-")
    let digits = isNegative ? digits.dropFirst() : digits
    guard !digits.isEmpty else { return nil }
    for byte in digits {
      let digit = Int64(byte) - Int64(UInt8(ascii: "0"))
      guard (0...9).contains(digit) else { return nil }
      magnitude = magnitude * 10 + digit
      guard magnitude <= Self.largestStored else { return nil }
    }
    self = isNegative ? -magnitude : magnitude
  }
}
