import CZlib
import Glibc
public import Ledger

/// Reads a file line by line, compressed or not, in bounded memory. It may still be growing: what
/// follows the last line feed is left for the next look.
@safe public final class LineReader {
  /// Bytes asked of zlib at once.
  private static let chunkBytes = 256 << 10
  /// No ledger line is nearly as long; more without a line feed is no ledger.
  private static let maximumLineBytes = 1 << 20

  /// The file.
  public let path: String
  /// Uncompressed bytes of the lines that were handed out, line feeds included.
  public private(set) var offset: Int
  // Owned by this value: opened in init, closed in deinit, and used by nobody else.
  private let file: gzFile
  private var buffer: [UInt8] = []
  private var start = 0

  /// Opens a file at an offset that a reader of it once had.
  ///
  /// - Throws: ``LedgerFault/file(_:)``.
  public init(path: String, at offset: Int = 0) throws(LedgerFault) {
    guard let file = unsafe gzopen(path, "rb") else {
      throw .file("\(path) cannot be opened: \(systemError())")
    }
    unsafe self.file = unsafe file
    self.path = path
    self.offset = offset
    if offset > 0, unsafe gzseek(file, offset, SEEK_SET) != offset {
      throw .file("\(path) cannot be read from byte \(offset)")
    }
  }

  deinit { unsafe gzclose(file) }

  /// The next line without its line feed, or nil when there is no whole one yet.
  public func next() throws(LedgerFault) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffer[start..<end])
        offset += line.count + 1
        start = end + 1
        return line
      }
      searched = buffer.count - start
      guard searched <= Self.maximumLineBytes else {
        throw .file("\(path) has no line feed for \(Self.maximumLineBytes) bytes: no ledger")
      }
      guard try fill() else { return nil }
    }
  }

  /// Whether the file ends here; false when something follows that is no whole line.
  public func isAtEnd() throws(LedgerFault) -> Bool {
    guard start == buffer.count else { return false }
    return try !fill()
  }

  /// Appends what the file has; false at its end.
  private func fill() throws(LedgerFault) -> Bool {
    buffer.removeSubrange(..<start)
    start = 0
    let filled = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunkBytes))
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe gzread(file, bytes.baseAddress?.advanced(by: filled), UInt32(Self.chunkBytes))
    }
    buffer.removeLast(Self.chunkBytes - max(0, Int(count)))
    guard count >= 0 else { throw .file("\(path) is damaged: zlib cannot read on") }
    // A file that is being appended to has more at the next look.
    if count == 0 { unsafe gzclearerr(file) }
    return count > 0
  }
}

/// What the operating system says about the latest call that failed.
func systemError() -> String {
  unsafe String(cString: strerror(errno))
}
