/// A block of addresses in CIDR notation (RFC 4632, RFC 4291): `203.0.113.0/24`, `2001:db8::/48`.
public struct Network: Hashable, Sendable, CustomStringConvertible {
  /// The text as it was given.
  public let description: String
  private let address: IPAddress
  /// How many of the 128 bits of an ``IPAddress`` count.
  private let prefixLength: Int

  /// Reads CIDR notation; a bare address is a block of one. Nil for anything else, and for a block
  /// with bits set behind its prefix, which is mostly a typing error.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPAddress(first) else { return nil }
    let width = first.contains(":") ? 128 : 32
    guard let bits = parts.count == 2 ? Network.prefixLength(parts[1], width) : width else {
      return nil
    }
    self.address = address
    prefixLength = 128 - width + bits
    description = text
    guard Network.masked(address.bytes, prefixLength) == address.bytes else { return nil }
  }

  /// Whether the address lies in the block.
  public func contains(_ other: IPAddress) -> Bool {
    Network.masked(other.bytes, prefixLength) == address.bytes
  }

  private static func prefixLength(_ text: Substring, _ width: Int) -> Int? {
    guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      let bits = Int(text), bits <= width
    else { return nil }
    return bits
  }

  private static func masked(_ bytes: [UInt8], _ prefixLength: Int) -> [UInt8] {
    bytes.enumerated()
      .map { index, byte in
        let bits = min(8, max(0, prefixLength - index * 8))
        return bits == 0 ? 0 : byte & (0xFF << UInt8(8 - bits))
      }
  }
}
