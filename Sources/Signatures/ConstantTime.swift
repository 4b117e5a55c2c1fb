private import COpenSSL

/// Comparison of secrets: the time it takes tells nothing about where two values differ.
public enum ConstantTime {
  /// Whether both hold the same bytes. Different lengths are unequal at once, so the length itself
  /// is not hidden: compare digests or signatures, whose length everybody knows.
  public static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe a.withUnsafeBytes { left in
      unsafe b.withUnsafeBytes { right in
        unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
      }
    }
  }
}
