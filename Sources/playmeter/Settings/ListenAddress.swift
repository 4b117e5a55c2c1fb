/// Where a listener waits for connections: `host:port`, with an IPv6 address in brackets.
struct ListenAddress: Hashable, Sendable {
  /// An IPv4 or IPv6 address or a name of this machine, without brackets.
  let host: String
  /// 0 takes any free port, which is what tests want.
  let port: Int

  /// Reads `0.0.0.0:8080`, `localhost:8080` or `[::1]:8080`; nil for anything else, above all for
  /// a missing part: a default would make a service listen where nobody meant it to.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...].utf8
    guard (1...5).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
      let port = Int(text[text.index(after: colon)...]), port <= 65_535,
      let host = ListenAddress.host(text[..<colon])
    else { return nil }
    self.host = host
    self.port = port
  }

  private static func host(_ text: Substring) -> String? {
    if text.hasPrefix("[") {
      guard text.hasSuffix("]") else { return nil }
      let inner = text.dropFirst().dropLast()
      return inner.contains(":") && inner.utf8.allSatisfy(isAddressByte) ? String(inner) : nil
    }
    guard !text.isEmpty, !text.contains(":"), text.utf8.allSatisfy(isAddressByte) else {
      return nil
    }
    return String(text)
  }

  /// What occurs in addresses, zone identifiers and names; the resolver judges the rest.
  private static func isAddressByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: ".:-_%".utf8.contains(byte)
    }
  }
}

extension ListenAddress: CustomStringConvertible {
  /// The form that is read.
  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
