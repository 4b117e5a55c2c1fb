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

  private let keys: [HMACKey]
  private let partitionCount: Int

  /// - Parameter masterKeys: The newest first; it signs, all are accepted.
  init(masterKeys: [[UInt8]], partitionCount: Int) {
    precondition(!masterKeys.isEmpty, "Tokens cannot be signed without a master key.")
    keys = masterKeys.map { HMACKey(sha256: HMAC.sha256(key: $0, message: Self.purpose)) }
    self.partitionCount = partitionCount
  }

  func token(for launcher: LauncherSessionID, of cafe: CafeID) -> String {
    let text = "\(launcher).\(cafe.text)"
    return "\(text).\(Hex.encode(keys[0].signature(of: text)))"
  }

  /// What the token says, or nil when we did not sign it.
  func bearer(of token: String) -> (launcher: LauncherSessionID, cafe: CafeID?)? {
    var token = token
    guard let parts = token.withUTF8({ Parts($0) }),
      let launcher = LauncherSessionID(parts.launcher, partitionCount: partitionCount),
      isSigned(parts)
    else { return nil }
    return (launcher, parts.cafe.flatMap(CafeID.init))
  }

  private func isSigned(_ parts: Parts) -> Bool {
    // All keys are tried, so that the time does not tell which one fits.
    keys.reduce(false) {
      let expected = Hex.digits(of: $1.signature(of: parts.text))
      return ConstantTime.isEqual(parts.signature, expected) || $0
    }
  }

  /// A token taken apart. Its parts are found by their bytes: to split it as a text was a tenth of
  /// the instructions of a launcher's heartbeat.
  private struct Parts {
    /// SHA-256 in hexadecimal.
    private static let signatureBytes = 64
    private static let stop = UInt8(ascii: ".")

    /// What is signed.
    let text: String
    let launcher: String
    /// What follows the launcher's session in the text.
    let cafe: String?
    let signature: [UInt8]

    /// Nil for what cannot be a token.
    init?(_ token: UnsafeBufferPointer<UInt8>) {
      let end = token.count - Self.signatureBytes - 1
      guard end >= 0, token[end] == Self.stop else { return nil }
      let text = token[..<end]
      signature = Array(token[(end + 1)...])
      self.text = Self.text(text)
      if let stop = text.firstIndex(of: Self.stop) {
        launcher = Self.text(text[..<stop])
        cafe = Self.text(text[(stop + 1)...])
      } else {
        launcher = self.text
        cafe = nil
      }
    }

    private static func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
      String(decoding: UnsafeBufferPointer(rebasing: bytes), as: UTF8.self)
    }
  }
}
