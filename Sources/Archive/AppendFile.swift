import Glibc
import Ledger

/// A file that only grows, and whose growth is on the disk when ``append(_:)`` returns.
@safe final class AppendFile {
  let path: String
  /// Bytes that are on the disk.
  private(set) var bytes: Int
  // Owned by this value: opened in init, closed in deinit.
  private let descriptor: Int32

  /// Opens or creates a file and cuts off what is behind `bytes`.
  init(path: String, bytes: Int) throws(LedgerFault) {
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    self.path = path
    self.bytes = bytes
    guard descriptor >= 0 else { throw .file("\(path) cannot be opened: \(systemError())") }
    guard ftruncate(descriptor, bytes) == 0 else {
      throw .file("\(path) cannot be cut to \(bytes) bytes: \(systemError())")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes all of it and waits until the disk has it. What was written in part is taken back.
  func append(_ content: [UInt8]) throws(LedgerFault) {
    do throws(LedgerFault) {
      try write(content)
      guard fdatasync(descriptor) == 0 else {
        throw .file("\(path) cannot be synchronised: \(systemError())")
      }
    } catch {
      _ = ftruncate(descriptor, bytes)  // The next start cuts an incomplete line off, too.
      throw error
    }
    bytes += content.count
  }

  private func write(_ content: [UInt8]) throws(LedgerFault) {
    var written = 0
    while written < content.count {
      let count = unsafe content.withUnsafeBytes { bytes in
        unsafe Glibc.write(
          descriptor,
          bytes.baseAddress?.advanced(by: written),
          bytes.count - written
        )
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .file("\(path) cannot be written: \(systemError())") }
      written += count
    }
  }
}

/// A lock on a file, held as long as the value lives; a process that dies loses it.
@safe final class FileLock {
  private let descriptor: Int32

  /// Takes the lock, or throws when another process has it.
  init(path: String) throws(LedgerFault) {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw .file("\(path) cannot be opened: \(systemError())") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw .file("\(path) is locked by another process")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
