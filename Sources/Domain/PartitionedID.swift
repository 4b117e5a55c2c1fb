/// A random identifier that says which partition it lives in: a prefix and a UUID of version 8
/// (RFC 9562) whose first two bytes are the partition and whose other 106 free bits are random.
///
/// Two of them guard something by being unguessable (one-time tokens, sessions), so they come from
/// a cryptographic generator.
public struct PartitionedID: Hashable, Sendable {
  private static let uuidBytes = 36

  /// The partition that the first two bytes of the UUID name.
  public let partition: Partition
  /// The prefix, and the UUID in lower case with hyphens.
  public let text: String

  /// A new identifier from a given generator.
  static func random(
    in partition: Partition,
    prefix: String,
    using generator: inout some RandomNumberGenerator
  ) -> PartitionedID {
    let high = generator.next() & 0x0000_FFFF_FFFF_0FFF | UInt64(partition.number) << 48 | 0x8000
    let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    return PartitionedID(partition: partition, text: text(prefix, high, low))
  }

  /// Reads the text form; nil for anything else and for a partition that is not there.
  init?(_ text: String, prefix: String, partitionCount: Int) {
    var text = text
    let number = text.withUTF8 { Self.partitionNumber(in: $0, behind: prefix) }
    guard let number, number < partitionCount else { return nil }
    self.init(partition: Partition(number: number), text: text)
  }

  private init(partition: Partition, text: String) {
    self.partition = partition
    self.text = text
  }

  /// What the first two bytes of the UUID name; nil unless nothing but a prefix and a UUID of ours
  /// stands there. All is read in one go: as a text, piece by piece, an identifier took 4,000
  /// instructions, a thirtieth of a heartbeat.
  private static func partitionNumber(
    in text: UnsafeBufferPointer<UInt8>,
    behind prefix: String
  ) -> Int? {
    let start = prefix.utf8.count
    guard text.count == start + uuidBytes, text.starts(with: prefix.utf8) else { return nil }
    var number = 0
    for index in 0..<uuidBytes {
      let byte = text[start + index]
      if isHyphen(index) {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let digit = value(of: byte) else { return nil }
      if index < 4 { number = number << 4 | digit }
    }
    return text[start + 14] == UInt8(ascii: "8") ? number : nil
  }

  private static func value(of digit: UInt8) -> Int? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(digit - UInt8(ascii: "a")) + 10
    default: nil
    }
  }

  /// Where the hyphens stand. No set: to look into one for each character was 4 % of the
  /// instructions of a search for a host.
  private static func isHyphen(_ index: Int) -> Bool {
    index == 8 || index == 13 || index == 18 || index == 23
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  private static func text(_ prefix: String, _ high: UInt64, _ low: UInt64) -> String {
    let length = prefix.utf8.count + uuidBytes
    return String(unsafeUninitializedCapacity: length) { text in
      var (_, end) = text.initialize(from: prefix.utf8)
      for nibble in 0..<32 {
        if isHyphen(end - prefix.utf8.count) {
          text[end] = UInt8(ascii: "-")
          end += 1
        }
        let word = nibble < 16 ? high : low
        text[end] = digit(UInt8(word >> UInt64(60 - 4 * (nibble % 16)) & 0xF))
        end += 1
      }
      return end
    }
  }
}
