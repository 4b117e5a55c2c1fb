import Domain
import HTTPAPI

/// What the texts of the host API's settings mean; nil where a text breaks its setting's rule.
extension SettingText {
  /// Reservations that an address may be allowed: more would not bound anybody.
  static let pendingCounts = 1...1000
  /// Each search may name many of them, and each has a queue of its own.
  static let maximumRegions = 64
  /// Each call from a page is compared with all of them.
  static let maximumOrigins = 64
  /// Every client connects to all of them, and browsers warn at five.
  static let maximumServers = 16
  /// Longer URLs are cut by some programs.
  private static let maximumURLCharacters = 2048

  /// How many reservations an address may hold.
  static func matchLimits(_ text: String) -> MatchLimits? {
    guard text != "off" else { return MatchLimits(pendingPerAddress: nil) }
    return integer(text, in: pendingCounts).map { MatchLimits(pendingPerAddress: $0) }
  }

  /// Different regions.
  static func regions(_ text: String) -> [Region]? {
    list(text, atMost: maximumRegions) { Region($0) }
      .flatMap { Set($0).count == $0.count ? $0 : nil }
  }

  /// On or off.
  static func flag(_ text: String) -> Bool? { Bool(text) }

  /// Origins as browsers send them.
  static func origins(_ text: String) -> AllowedOrigins? {
    guard text != "*" else { return .any }
    return list(text, atMost: maximumOrigins, origin).map { .listed(Set($0)) }
  }

  /// A scheme and an authority in lower case, without a path: anything else no browser ever sends,
  /// so it would silently allow nobody.
  private static func origin(_ text: String) -> String? {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
    let authority = text[colon...].dropFirst(3)
    let isLowerCase = text.utf8.allSatisfy { !(65...90).contains($0) }
    guard isURLText(text), isLowerCase, !text[..<colon].isEmpty, !authority.isEmpty,
      !authority.contains(where: { "/?#@*".contains($0) })
    else { return nil }
    return text
  }

  /// Where clients meet their host. They append a query of their own.
  static func signalingURL(_ text: String) -> String? {
    guard let scheme = ["ws://", "wss://"].first(where: text.hasPrefix), isURLText(text),
      !text.contains(where: { "?#".contains($0) }),
      let first = text.dropFirst(scheme.count).first, first != "/", first != ":"
    else { return nil }
    return text
  }

  /// STUN servers.
  static func stunURLs(_ text: String) -> [String]? { servers(text, ["stun:", "stuns:"]) }

  /// TURN servers.
  static func turnURLs(_ text: String) -> [String]? { servers(text, ["turn:", "turns:"]) }

  private static func servers(_ text: String, _ schemes: [String]) -> [String]? {
    list(text, atMost: maximumServers) { url in
      guard let scheme = schemes.first(where: url.hasPrefix), isURLText(url),
        let first = url.dropFirst(scheme.count).first, first != "/", first != ":"
      else { return nil }
      return url
    }
  }

  /// Printable ASCII without blanks and quotation marks.
  private static func isURLText(_ text: String) -> Bool {
    text.utf8.count <= maximumURLCharacters
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
  }
}
