private import COpenSSL

/// Digests of whole byte strings by OpenSSL.
public enum Digest {
  /// SHA-256: 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    unsafe bytes.withUnsafeBytes { unsafe digest($0, by: sha256Algorithm, size: 32) }
  }

  /// SHA-256 of a text in UTF-8.
  public static func sha256(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 {
      unsafe digest(UnsafeRawBufferPointer($0), by: sha256Algorithm, size: 32)
    }
  }

  /// SHA-1: 20 bytes. Not a safeguard against anybody: Redis names a script by it, nothing else
  /// may rest on it.
  public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
    unsafe bytes.withUnsafeBytes { unsafe digest($0, by: sha1Algorithm, size: 20) }
  }

  // OpenSSL looks an algorithm up anew for each digest unless it was fetched; that was a third of
  // what a short one takes.
  // SAFETY: Nobody changes or frees a fetched algorithm: it lives as long as the process.
  nonisolated(unsafe) static let sha256Algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil)
  // SAFETY: Like the other it is only read, by any number of threads, and never freed.
  nonisolated(unsafe) static let sha1Algorithm = unsafe EVP_MD_fetch(nil, "SHA1", nil)

  /// OpenSSL fails here only when it is out of memory or runs without its default provider. There
  /// is no going on without digests, so both end the process.
  private static func digest(
    _ bytes: UnsafeRawBufferPointer,
    by algorithm: OpaquePointer?,
    size: Int
  ) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: size)
    let status = unsafe output.withUnsafeMutableBytes { output in
      unsafe EVP_Digest(
        bytes.baseAddress,
        bytes.count,
        output.baseAddress,
        nil,
        algorithm,
        nil
      )
    }
    precondition(status == 1, "OpenSSL could not compute a digest")
    return output
  }
}
