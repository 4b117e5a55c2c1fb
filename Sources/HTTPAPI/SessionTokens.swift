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

  /// The bytes of a signature as it stands in a token, in hexadecimal.
  private static let signatureBytes = 64
  private static let stop = UInt8(ascii: ".")

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
  ///
  /// Its parts are found by their bytes: to split it as a text was a tenth of the instructions of a
  /// launcher's heartbeat.
  func bearer(of token: String) -> (launcher: LauncherSessionID, cafe: CafeID?)? {
    let bytes = token.utf8
    guard bytes.count > Self.signatureBytes,
      case let start = bytes.index(bytes.endIndex, offsetBy: -Self.signatureBytes),
      case let stop = bytes.index(before: start), bytes[stop] == Self.stop
    else { return nil }
    let text = token[..<stop]
    let end = text.utf8.firstIndex(of: Self.stop) ?? stop
    guard let launcher = LauncherSessionID(String(text[..<end]), partitionCount: partitionCount),
      isSigned(String(text), Array(bytes[start...]))
    else { return nil }
    return (launcher, end == stop ? nil : CafeID(String(text[bytes.index(after: end)...])))
  }

  private func isSigned(_ text: String, _ given: [UInt8]) -> Bool {
    // All keys are tried, so that the time does not tell which one fits.
    let matches = keys.filter {
      ConstantTime.isEqual(given, Hex.digits(of: $0.signature(of: text)))
    }
    return !matches.isEmpty
  }
}
