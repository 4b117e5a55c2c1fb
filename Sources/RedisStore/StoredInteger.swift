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

  /// The same written in decimal digits, behind a minus sign if it is negative.
  init?(stored digits: some Collection<UInt8>) {
    let isNegative = digits.first == UInt8(ascii: "-")
    let digits = isNegative ? digits.dropFirst() : digits[...]
    guard !digits.isEmpty else { return nil }
    var number: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      number = number * 10 + Int64(digit - UInt8(ascii: "0"))
      guard number <= Self.largestStored else { return nil }
    }
    self = isNegative ? -number : number
  }

  /// The same as a text.
  init?(stored text: String) {
    self.init(stored: text.utf8)
  }
}
