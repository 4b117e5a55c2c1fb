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
    text.utf8.first != UInt8(ascii: "-") && consists(text, of: isSlugByte)
  }

  /// Whether the text is `[A-Za-z0-9_.:-]{1,64}`.
  public static func isLabel(_ text: String) -> Bool {
    consists(text, of: isLabelByte)
  }

  private static func consists(_ text: String, of isAllowed: (UInt8) -> Bool) -> Bool {
    var text = text
    return text.withUTF8 { (1...64).contains($0.count) && $0.allSatisfy(isAllowed) }
  }

  private static func isSlugByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: ":"):
      true
    default: isSlugByte(byte)
    }
  }
}
