import Domain
import Signatures

/// Makes and checks the tokens with which a launcher goes on after its signed start: the launcher
/// session's identifier, its cafe, and the hexadecimal HMAC-SHA256 of both as they stand, each
/// parted from the next by a full stop.
///
/// Nothing is stored: whether the session still lives, Redis knows. The cafe is in it so that its
/// requests can be counted without asking Redis. Tokens of the first version had no cafe; a
/// launcher that shows one plays on.
struct SessionTokens: Sendable {
  /// Separates this use of the master key from all others.
  private static let purpose = Array("playmeter session token".utf8)

  private let keys: [[UInt8]]
  private let partitionCount: Int

  /// - Parameter masterKeys: The newest first; it signs, all are accepted.
  init(masterKeys: [[UInt8]], partitionCount: Int) {
    precondition(!masterKeys.isEmpty, "Tokens cannot be signed without a master key.")
    keys = masterKeys.map { HMAC.sha256(key: $0, message: Self.purpose) }
    self.partitionCount = partitionCount
  }

  func token(for launcher: LauncherSessionID, of cafe: CafeID) -> String {
    let text = "\(launcher).\(cafe.text)"
    return "\(text).\(Self.signature(of: text, keys[0]))"
  }

  /// What the token says, or nil when we did not sign it.
  func bearer(of token: String) -> (launcher: LauncherSessionID, cafe: CafeID?)? {
    guard let stop = token.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    let text = String(token[..<stop])
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let launcher = LauncherSessionID(String(parts[0]), partitionCount: partitionCount),
      isSigned(text, Array(token[stop...].utf8.dropFirst()))
    else { return nil }
    return (launcher, parts.count == 2 ? CafeID(String(parts[1])) : nil)
  }

  private func isSigned(_ text: String, _ given: [UInt8]) -> Bool {
    // All keys are tried, so that the time does not tell which one fits.
    let matches = keys.filter {
      ConstantTime.isEqual(given, Array(Self.signature(of: text, $0).utf8))
    }
    return !matches.isEmpty
  }

  private static func signature(of text: String, _ key: [UInt8]) -> String {
    Hex.encode(HMAC.sha256(key: key, message: Array(text.utf8)))
  }
}
