import CZlib
import Glibc
import Ledger

/// Compresses files of the archive that are complete.
enum Compression {
  private static let chunkBytes = 256 << 10

  /// Replaces a file by its compressed form. Stopped at any point, it leaves the plain file or
  /// both.
  static func compress(_ path: String) throws(LedgerFault) {
    let target = path + ArchiveFile.compressedSuffix
    let unfinished = target + ".new"
    try copy(path, to: unfinished)
    try synchronise(unfinished)
    guard unsafe rename(unfinished, target) == 0, unsafe unlink(path) == 0 else {
      throw .file("\(path) cannot be replaced by \(target): \(systemError())")
    }
  }

  private static func copy(_ path: String, to target: String) throws(LedgerFault) {
    let source = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw .file("\(path) cannot be opened: \(systemError())") }
    defer { close(source) }
    guard let output = unsafe gzopen(target, "wb") else {
      throw .file("\(target) cannot be created: \(systemError())")
    }
    var chunk = [UInt8](repeating: 0, count: chunkBytes)
    var isWritten = true
    while isWritten {
      let count = unsafe chunk.withUnsafeMutableBytes { bytes in
        unsafe read(source, bytes.baseAddress, bytes.count)
      }
      guard count != 0 else { break }
      let accepted = unsafe chunk.withUnsafeBytes { bytes in
        unsafe gzwrite(output, bytes.baseAddress, UInt32(max(0, count)))
      }
      isWritten = count > 0 && accepted == count
    }
    // Closing writes what zlib still holds.
    let isClosed = unsafe gzclose(output) == Z_OK
    guard isWritten, isClosed else { throw .file("\(target) cannot be written") }
  }

  private static func synchronise(_ path: String) throws(LedgerFault) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file("\(path) cannot be opened: \(systemError())") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw .file("\(path) cannot be synchronised: \(systemError())")
    }
  }
}
