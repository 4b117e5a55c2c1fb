private import COpenSSL

/// Base64 with padding (RFC 4648, section 4), by OpenSSL.
public enum Base64 {
  /// Four digits for every three bytes.
  public static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count + 2) / 3 * 4
    // OpenSSL writes a zero byte behind the digits.
    return unsafe String(unsafeUninitializedCapacity: length + 1) { text in
      _ = unsafe EVP_EncodeBlock(text.baseAddress, bytes, Int32(bytes.count))
      return length
    }
  }
}
