/// A random identifier that says which partition it lives in: a UUID of version 8 (RFC 9562)
/// whose first two bytes are the partition and whose other 106 free bits are random.
///
/// Two of them guard something by being unguessable (one-time tokens, sessions), so they come from
/// the system's cryptographic generator (`getrandom` on Linux).
public struct PartitionedID: Hashable, Sendable {
  /// The partition that the first two bytes name.
  public let partition: Partition
  /// Lower-case text with hyphens, 36 characters.
  public let text: String

  /// A new random identifier in a partition.
  public static func random(in partition: Partition) -> PartitionedID {
    var generator = SystemRandomNumberGenerator()
    return random(in: partition, using: &generator)
  }

  /// A new identifier from a given generator.
  public static func random(
    in partition: Partition,
    using generator: inout some RandomNumberGenerator
  ) -> PartitionedID {
    let high = generator.next() & 0x0000_FFFF_FFFF_0FFF | UInt64(partition.number) << 48 | 0x8000
    let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    return PartitionedID(partition: partition, text: uuidText(high, low))
  }

  /// Reads the lower-case text form; nil for anything else and for a partition that is not there.
  public init?(_ text: some StringProtocol, partitionCount: Int) {
    guard PartitionedID.isCanonical(text), let number = Int(text.prefix(4), radix: 16),
      number < partitionCount
    else { return nil }
    self.init(partition: Partition(number: number), text: String(text))
  }

  private init(partition: Partition, text: String) {
    self.partition = partition
    self.text = text
  }

  /// Where the hyphens stand. No set: to look into one for each character was 4 % of the
  /// instructions of a search for a host.
  private static func isHyphen(_ index: Int) -> Bool {
    index == 8 || index == 13 || index == 18 || index == 23
  }

  private static func isCanonical(_ text: some StringProtocol) -> Bool {
    guard text.utf8.count == 36 else { return false }
    return text.utf8.enumerated()
      .allSatisfy { index, byte in
        if isHyphen(index) { return byte == UInt8(ascii: "-") }
        if index == 14 { return byte == UInt8(ascii: "8") }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      }
  }

  private static func uuidText(_ high: UInt64, _ low: UInt64) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for nibble in 0..<32 {
      if isHyphen(text.count) { text.append(UInt8(ascii: "-")) }
      let word = nibble < 16 ? high : low
      text.append(digits[Int(word >> UInt64(60 - 4 * (nibble % 16)) & 0xF)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
