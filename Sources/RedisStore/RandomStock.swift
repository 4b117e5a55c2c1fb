import Signatures

/// Random numbers of OpenSSL's generator, of which many are made at once: two calls into the kernel
/// for each identifier were 2 % of a search for a host.
struct RandomStock: RandomNumberGenerator {
  /// Numbers that are made at once.
  private static let numbersAtOnce = 256
  private static let numberBytes = 8

  private var bytes: [UInt8] = []

  mutating func next() -> UInt64 {
    if bytes.isEmpty {
      bytes = RandomBytes.generate(count: Self.numbersAtOnce * Self.numberBytes)
    }
    var number: UInt64 = 0
    for byte in bytes.suffix(Self.numberBytes) { number = number << 8 | UInt64(byte) }
    // A number is given out once.
    bytes.removeLast(Self.numberBytes)
    return number
  }
}
