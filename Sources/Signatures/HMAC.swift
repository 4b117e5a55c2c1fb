private import COpenSSL

/// Keyed signatures (RFC 2104) by OpenSSL. Compare a received one with ``ConstantTime``.
public enum HMAC {
  /// HMAC-SHA256: 32 bytes. Any length of key, also none.
  public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    unsafe hmac(key: key, message: message, by: EVP_sha256(), size: 32)
  }

  /// HMAC-SHA1: 20 bytes. Only for coturn's `use-auth-secret` scheme, which leaves no choice.
  public static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] {
    unsafe hmac(key: key, message: message, by: EVP_sha1(), size: 20)
  }

  /// The closures borrow both arrays for the call only; nothing of C outlives it.
  private static func hmac(
    key: [UInt8],
    message: [UInt8],
    by algorithm: OpaquePointer?,
    size: Int
  ) -> [UInt8] {
    // A null key means "the key of the last call" in parts of OpenSSL, and an empty array need not
    // have an address.
    let addressable = key.isEmpty ? [0] : key
    let keyLength = Int32(key.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
      let result = unsafe addressable.withUnsafeBytes { keyBytes in
        unsafe message.withUnsafeBufferPointer { text in
          unsafe COpenSSL.HMAC(
            algorithm,
            keyBytes.baseAddress,
            keyLength,
            text.baseAddress,
            text.count,
            output.baseAddress,
            nil
          )
        }
      }
      precondition(unsafe result != nil, "OpenSSL could not compute an HMAC")
      count = size
    }
  }
}
