import Foundation

/// Standard output for much text: written in large pieces, and a reader that is slow or gone is
/// noticed.
struct BulkOutput {
  private static let pieceBytes = 256 << 10

  private var pending: [UInt8] = []

  /// Adds bytes; waits for the reader when a piece is full.
  mutating func write(_ bytes: [UInt8]) throws {
    pending += bytes
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Writes what is pending.
  mutating func flush() throws {
    try FileHandle.standardOutput.write(contentsOf: Data(pending))
    pending.removeAll(keepingCapacity: true)
  }
}
