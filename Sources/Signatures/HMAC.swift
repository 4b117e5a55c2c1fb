/// Keyed signatures (RFC 2104) with keys that are used once. Compare a received one with
/// ``ConstantTime``.
public enum HMAC {
  /// HMAC-SHA256: 32 bytes. Any length of key, also none.
  public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    HMACKey(sha256: key).signature(of: message)
  }

  /// HMAC-SHA1: 20 bytes. Only for coturn's `use-auth-secret` scheme, which leaves no choice.
  public static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] {
    HMACKey(sha1: key).signature(of: message)
  }
}
