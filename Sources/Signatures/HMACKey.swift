private import COpenSSL

/// A key that makes many keyed signatures (RFC 2104).
///
/// Such a signature is a digest of the message within a digest, each of which begins with a block
/// that comes of the key alone. Both are kept as they are behind that block. So a signature takes a
/// tenth of the 2 µs that OpenSSL's `HMAC` takes: that looks its algorithms up by their names and
/// prepares the key anew for each message.
@safe public final class HMACKey: Sendable {
  /// Bytes that SHA-1 and SHA-256 take in one step.
  private static let blockBytes = 64
  private static let innerPad: UInt8 = 0x36
  private static let outerPad: UInt8 = 0x5C

  // SAFETY: This object alone owns both, and only reads them until its `deinit` frees them.
  nonisolated(unsafe) private let inner: OpaquePointer
  // SAFETY: Like the other.
  nonisolated(unsafe) private let outer: OpaquePointer
  private let size: Int

  /// A key for HMAC-SHA256: signatures of 32 bytes. Any length of key, also none.
  public convenience init(sha256 key: [UInt8]) {
    unsafe self.init(key, Digest.sha256(_:), Digest.sha256Algorithm, size: 32)
  }

  /// A key for HMAC-SHA1: signatures of 20 bytes. Only for coturn's `use-auth-secret` scheme, which
  /// leaves no choice.
  public convenience init(sha1 key: [UInt8]) {
    unsafe self.init(key, Digest.sha1(_:), Digest.sha1Algorithm, size: 20)
  }

  private init(
    _ key: [UInt8],
    _ digest: ([UInt8]) -> [UInt8],
    _ algorithm: OpaquePointer?,
    size: Int
  ) {
    let short = key.count > Self.blockBytes ? digest(key) : key
    let block = short + [UInt8](repeating: 0, count: Self.blockBytes - short.count)
    unsafe inner = Self.state(behind: block.map { $0 ^ Self.innerPad }, algorithm)
    unsafe outer = Self.state(behind: block.map { $0 ^ Self.outerPad }, algorithm)
    self.size = size
  }

  deinit {
    unsafe EVP_MD_CTX_free(inner)
    unsafe EVP_MD_CTX_free(outer)
  }

  /// The signature of a message. Compare a received one with ``ConstantTime``.
  public func signature(of message: [UInt8]) -> [UInt8] {
    unsafe message.withUnsafeBytes { unsafe signature(of: $0) }
  }

  /// The signature of a text in UTF-8.
  public func signature(of message: String) -> [UInt8] {
    var message = message
    return message.withUTF8 { unsafe signature(of: UnsafeRawBufferPointer($0)) }
  }

  private func signature(of message: UnsafeRawBufferPointer) -> [UInt8] {
    guard let work = unsafe EVP_MD_CTX_new() else { Self.fail() }
    defer { unsafe EVP_MD_CTX_free(work) }
    // The digest within is written where the one around it goes afterwards.
    var signature = [UInt8](repeating: 0, count: size)
    unsafe signature.withUnsafeMutableBytes { output in
      unsafe digest(message, from: inner, in: work, to: output)
      unsafe digest(UnsafeRawBufferPointer(output), from: outer, in: work, to: output)
    }
    return signature
  }

  /// Goes on from a state with a message. `work` is overwritten.
  private func digest(
    _ message: UnsafeRawBufferPointer,
    from state: OpaquePointer,
    in work: OpaquePointer,
    to output: UnsafeMutableRawBufferPointer
  ) {
    guard unsafe EVP_MD_CTX_copy_ex(work, state) == 1,
      unsafe EVP_DigestUpdate(work, message.baseAddress, message.count) == 1,
      unsafe EVP_DigestFinal_ex(work, output.baseAddress, nil) == 1
    else { Self.fail() }
  }

  /// A digest that has taken one block. The caller frees it.
  private static func state(behind block: [UInt8], _ algorithm: OpaquePointer?) -> OpaquePointer {
    guard let state = unsafe EVP_MD_CTX_new() else { fail() }
    let isReady = unsafe block.withUnsafeBytes { bytes in
      unsafe EVP_DigestInit_ex2(state, algorithm, nil) == 1
        && EVP_DigestUpdate(state, bytes.baseAddress, bytes.count) == 1
    }
    guard isReady else { fail() }
    return unsafe state
  }

  /// OpenSSL fails here only when it is out of memory or runs without its default provider. There
  /// is no going on without signatures, so both end the process.
  private static func fail() -> Never { preconditionFailure("OpenSSL could not compute an HMAC") }
}
