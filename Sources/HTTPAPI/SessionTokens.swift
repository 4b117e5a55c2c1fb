import Domain
import Signatures

/// Makes and checks the tokens with which a launcher goes on after its signed start: the launcher
/// session's identifier, a full stop, and the hexadecimal HMAC-SHA256 of the identifier.
///
/// Nothing is stored: whether the session still lives, Redis knows.
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

  func token(for launcher: LauncherSessionID) -> String {
    "\(launcher).\(Self.signature(of: launcher, keys[0]))"
  }

  /// The launcher session that the token names, or nil when we did not sign it.
  func launcher(of token: String) -> LauncherSessionID? {
    let parts = token.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2,
      let launcher = LauncherSessionID(String(parts[0]), partitionCount: partitionCount)
    else { return nil }
    let given = Array(parts[1].utf8)
    // All keys are tried, so that the time does not tell which one fits.
    let matches = keys.filter {
      ConstantTime.isEqual(given, Array(Self.signature(of: launcher, $0).utf8))
    }
    return matches.isEmpty ? nil : launcher
  }

  private static func signature(of launcher: LauncherSessionID, _ key: [UInt8]) -> String {
    Hex.encode(HMAC.sha256(key: key, message: Array(launcher.description.utf8)))
  }
}
