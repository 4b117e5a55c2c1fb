/// An IPv4 or IPv6 address as its 16 bytes; IPv4 stands as `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2),
/// so that a client is the same address whichever way the socket tells it.
public struct IPAddress: Hashable, Sendable {
  /// Sixteen bytes in network order.
  public let bytes: [UInt8]

  /// Whether the address is an IPv4 one.
  public var isIPv4: Bool { bytes.starts(with: IPAddress.mappedPrefix) }

  /// Reads `203.0.113.7`, `2001:db8::1` or `::ffff:203.0.113.7`; nil for anything else, zone
  /// identifiers and ports included.
  public init?(_ text: some StringProtocol) {
    let octets =
      text.contains(":")
      ? IPAddress.ipv6Bytes(String(text))
      : IPAddress.ipv4Bytes(String(text)).map { IPAddress.mappedPrefix + $0 }
    guard let octets else { return nil }
    bytes = octets
  }

  private static let mappedPrefix: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

  private static func ipv4Bytes(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let octets = parts.compactMap { part -> UInt8? in
      // A leading zero is octal to some resolvers and decimal to others, so it is refused.
      guard part.utf8.allSatisfy({ (48...57).contains($0) }), part.count <= 3 else { return nil }
      guard part.count == 1 || part.first != "0" else { return nil }
      return UInt8(part)
    }
    return octets.count == 4 ? octets : nil
  }

  private static func ipv6Bytes(_ text: String) -> [UInt8]? {
    let halves = text.splitOnce(at: "::")
    guard let head = groups(halves.head) else { return nil }
    guard let tailText = halves.tail else { return head.count == 16 ? head : nil }
    guard let tail = groups(tailText), head.count + tail.count <= 14 else { return nil }
    return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  /// The bytes of groups separated by single colons; the last one may be a dotted IPv4 address.
  private static func groups(_ text: String) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    var bytes: [UInt8] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains(".") {
        guard let octets = ipv4Bytes(String(part)) else { return nil }
        bytes += octets
        continue
      }
      guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
        let group = UInt16(part, radix: 16)
      else { return nil }
      bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
    }
    return bytes.count <= 16 ? bytes : nil
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte | 0x20)
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted for IPv4; for IPv6 the form of RFC 5952 (lower case, longest run of zeros as `::`).
  public var description: String {
    if isIPv4 { return ipv4Text }
    let groups = stride(from: 0, to: 16, by: 2)
      .map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    let zeros = IPAddress.longestRunOfZeros(groups)
    let texts = groups.map { String($0, radix: 16) }
    guard zeros.count >= 2 else { return texts.joined(separator: ":") }
    return texts[..<zeros.lowerBound].joined(separator: ":") + "::"
      + texts[zeros.upperBound...].joined(separator: ":")
  }

  /// Written in one go: as four texts that are joined it was 2 % of the instructions of a search
  /// for a host.
  private var ipv4Text: String {
    String(unsafeUninitializedCapacity: 15) { text in
      var end = 0
      func put(_ byte: UInt8) {
        text[end] = byte
        end += 1
      }
      for octet in bytes[12...] {
        if end > 0 { put(UInt8(ascii: ".")) }
        if octet >= 100 { put(UInt8(ascii: "0") + octet / 100) }
        if octet >= 10 { put(UInt8(ascii: "0") + octet / 10 % 10) }
        put(UInt8(ascii: "0") + octet % 10)
      }
      return end
    }
  }

  private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for (index, group) in groups.enumerated() {
      guard group == 0 else {
        start = index + 1
        continue
      }
      if index + 1 - start > longest.count { longest = start..<(index + 1) }
    }
    return longest
  }
}

extension String {
  /// The text before and after the first occurrence of a two-character separator.
  fileprivate func splitOnce(at separator: String) -> (head: String, tail: String?) {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(separator) {
        let after = self.index(index, offsetBy: separator.count)
        return (String(self[..<index]), String(self[after...]))
      }
      index = self.index(after: index)
    }
    return (self, nil)
  }
}
