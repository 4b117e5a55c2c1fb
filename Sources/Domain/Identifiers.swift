/// A name that one of us or a client chose, checked once when it enters.
public protocol Name: Hashable, Sendable, CustomStringConvertible {
  /// The rule in words, for the error message.
  static var rule: String { get }
  /// The name as text.
  var text: String { get }
  /// The name, or nil when the text breaks the ``rule``.
  init?(_ text: String)
}

extension Name {
  /// The name as text.
  public var description: String { text }
}

/// A cafe's identifier, chosen by the operator.
public struct CafeID: Name {
  public static let rule = NameRule.slug
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isSlug(text) else { return nil }
    self.text = text
  }
}

/// A game's identifier, chosen by the operator.
public struct GameID: Name {
  public static let rule = NameRule.slug
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isSlug(text) else { return nil }
    self.text = text
  }
}

/// A PC of a cafe, named by its launcher; unique within the cafe.
public struct PCID: Name {
  public static let rule = NameRule.label
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isLabel(text) else { return nil }
    self.text = text
  }
}

/// A player as the game's platform names them (for Roblox the UserId as a string).
public struct ProviderUserID: Name {
  public static let rule = NameRule.label
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isLabel(text) else { return nil }
    self.text = text
  }
}

/// The two alphabets of names.
public enum NameRule {
  /// What ``isSlug(_:)`` accepts.
  public static let slug = "1 to 64 of a-z, 0-9 and -, not starting with -"
  /// What ``isLabel(_:)`` accepts.
  public static let label = "1 to 64 of A-Z, a-z, 0-9 and _ . : -"

  /// Whether the text is `[a-z0-9][a-z0-9-]{0,63}`.
  public static func isSlug(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-") else {
      return false
    }
    return text.utf8.allSatisfy { isDigit($0) || isLowerCase($0) || $0 == UInt8(ascii: "-") }
  }

  /// Whether the text is `[A-Za-z0-9_.:-]{1,64}`.
  public static func isLabel(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count) else { return false }
    return text.utf8.allSatisfy { byte in
      isDigit(byte) || isLowerCase(byte) || isLowerCase(byte | 0x20) && byte < 0x80
        || "_.:-".utf8.contains(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLowerCase(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}
