import Domain
import Signatures

/// The launcher secrets of cafes, derived from the master key, so that Redis holds none: a secret
/// is the HMAC-SHA256 of the cafe, a generation and a random salt, which are what Redis keeps.
public struct LauncherSecrets: Sendable {
  /// Says which master key a secret was derived from; the first 16 hex digits of its SHA-256.
  let currentKeyID: String
  /// What secrets are derived with, by the name of the master key that it comes of.
  private let keys: [String: HMACKey]

  /// - Parameter masterKeys: 32 bytes each, the current one first. Secrets that were derived from
  ///   another one are not valid any more.
  public init(masterKeys: [[UInt8]]) {
    precondition(!masterKeys.isEmpty, "launcher secrets need a master key")
    currentKeyID = LauncherSecrets.identifier(of: masterKeys[0])
    let purpose = Array("playmeter launcher secret".utf8)
    let pairs = masterKeys.map { key in
      (
        LauncherSecrets.identifier(of: key),
        HMACKey(sha256: HMAC.sha256(key: key, message: purpose))
      )
    }
    keys = Dictionary(pairs) { first, _ in first }
  }

  /// The secret, or nil when there is no such generation or its master key is not known.
  func secret(
    of cafe: CafeID,
    generation: String,
    salt: String,
    masterKeyID: String
  ) -> [UInt8]? {
    guard !generation.isEmpty, let key = keys[masterKeyID] else { return nil }
    return key.signature(of: "\(cafe)\n\(generation)\n\(salt)")
  }

  private static func identifier(of key: [UInt8]) -> String {
    String(Hex.encode(Digest.sha256(key)).prefix(16))
  }
}
