private import COpenSSL

/// Unpredictable bytes for identifiers, keys and salts, from OpenSSL's generator, which the
/// operating system seeds.
public enum RandomBytes {
  /// `count` bytes, from 0 to `Int32.max`. A generator that cannot be seeded ends the process:
  /// predictable tokens would be worse than none.
  public static func generate(count: Int) -> [UInt8] {
    let length = Int32(count)
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      let status = length == 0 ? 1 : unsafe RAND_bytes(output.baseAddress, length)
      precondition(status == 1, "OpenSSL's random generator failed: no safe identifier can be made")
      filled = count
    }
  }
}
