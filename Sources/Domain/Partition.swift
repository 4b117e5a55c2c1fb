/// The part of the key space that holds everything of one cafe.
///
/// A cafe's partition is `crc16(cafe_id) mod count`, and session identifiers carry it, so nothing
/// is looked up to find a session's keys. All keys of a partition share one Redis Cluster slot.
public struct Partition: Hashable, Sendable {
  /// Counts that may be set: at most 4,096, so that a partition fits the identifiers' first bytes
  /// and that reading all of them stays cheap.
  public static let counts: ClosedRange<Int> = 1...4096

  /// 0 to count − 1; the count itself names the ledger of the games, which belong to no cafe.
  public let number: Int

  /// A partition by its number.
  public init(number: Int) {
    self.number = number
  }

  /// The partition of a cafe.
  public init(of cafe: CafeID, count: Int) {
    self.init(number: Int(Partition.crc16(cafe.text.utf8)) % count)
  }

  /// CRC-16/XMODEM (polynomial 0x1021, initial value 0), the checksum that Redis Cluster uses.
  static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(0) { checksum, byte in
      (0..<8)
        .reduce(checksum ^ (UInt16(byte) << 8)) { remainder, _ in
          remainder & 0x8000 == 0 ? remainder << 1 : (remainder << 1) ^ 0x1021
        }
    }
  }
}
