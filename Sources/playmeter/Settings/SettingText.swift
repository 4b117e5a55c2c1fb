import Domain
import Foundation
import Signatures

/// What the texts of settings mean; nil where a text breaks its setting's rule.
enum SettingText {
  private static let keyBytes = 32
  private static let maximumTokenCharacters = 256
  private static let maximumPrefixCharacters = 16
  private static let maximumPathBytes = 1024
  /// Each is compared at every debit.
  private static let maximumThresholds = 8

  /// A number in digits only: `Int` alone would also take a sign.
  static func integer(_ text: String, in range: ClosedRange<Int>) -> Int? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }

  /// Networks separated by commas, with blanks around them or not.
  static func networks(_ text: String) -> [Network]? {
    list(text, atMost: Configuration.maximumTrustedProxies) { Network($0) }
  }

  /// Values separated by commas, with blanks around them or not; nil when there are too many or
  /// one is wrong.
  static func list<Value>(
    _ text: String,
    atMost limit: Int,
    _ value: (String) -> Value?
  ) -> [Value]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= limit else { return nil }
    let values = parts.compactMap { part in
      value(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
    }
    return values.count == parts.count ? values : nil
  }

  /// An absolute path: the service and its commands may run in different directories.
  static func absolutePath(_ text: String) -> String? {
    guard text.hasPrefix("/"), text.utf8.count <= maximumPathBytes else { return nil }
    return text
  }

  /// Where messages with cafes' names in them may be posted: nowhere in the clear.
  static func webhookURL(_ text: String) -> String? {
    guard text.utf8.count <= maximumPathBytes, text.utf8.allSatisfy({ (33...126).contains($0) }),
      let host = URL(string: text)?.host(), !host.isEmpty
    else { return nil }
    if text.hasPrefix("https://") { return text }
    let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    return text.hasPrefix("http://") && isLoopback ? text : nil
  }

  /// What keys may start with: it must not contain what separates the parts of a key.
  static func prefix(_ text: String) -> String? {
    guard (1...maximumPrefixCharacters).contains(text.utf8.count) else { return nil }
    let isAllowed = text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (97...122).contains(byte) || "_-".utf8.contains(byte)
    }
    return isAllowed ? text : nil
  }

  /// A key in hexadecimal.
  static func key(_ text: String) -> [UInt8]? {
    guard let bytes = Hex.decode(text), bytes.count == keyBytes else { return nil }
    return bytes
  }

  /// A token that fits an `Authorization` header as it is.
  static func token(_ text: String) -> String? {
    guard (1...maximumTokenCharacters).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return text
  }

  /// The shortest gap in service that is held, `.some(nil)` for `off`; nil breaks the rule.
  static func outageHold(_ text: String) -> Duration?? {
    guard text != "off" else { return .some(nil) }
    guard let gap = DurationText.duration(of: text), Setting.outageGaps.contains(gap) else {
      return nil
    }
    return gap
  }

  /// Thresholds in minutes, each once, at most a week; none for `off`.
  static func lowBalanceMinutes(_ text: String) -> [Int]? {
    guard text != "off" else { return [] }
    return list(text, atMost: maximumThresholds) { integer($0, in: 1...10_080) }
      .flatMap { Set($0).count == $0.count ? $0 : nil }
  }

  /// Redis takes any bytes as a password.
  static func password(_ text: String) -> String? { text }
}
