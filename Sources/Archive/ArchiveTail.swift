import Domain
import Foundation
import Ledger

/// Where a group's archive ends: the last line of each partition, and the file that is written to.
struct ArchiveTail {
  /// The last line of each partition that has one.
  private(set) var lastLines: [Partition: SealedLine] = [:]
  /// The file of the latest month, if there is any.
  private(set) var file: ArchiveFile?
  /// Its uncompressed bytes that hold whole lines in order.
  private(set) var bytes = 0
  /// The partitions that have a line in it.
  private(set) var begun: Set<Partition> = []
  /// Why the latest file is not readable behind `bytes`: a machine that lost power in the middle of
  /// a write. What stood there was not yet reported as archived.
  private(set) var damage: LedgerFault?

  /// Reads from the checkpoint on, or everything when there is none.
  ///
  /// - Throws: ``LedgerFault`` when a file lacks what the checkpoint says, or a complete file is
  ///   damaged.
  init(_ directory: ArchiveDirectory, _ group: ArchiveGroup) throws(LedgerFault) {
    let files = try directory.files(of: group)
    let checkpoint = ArchiveCheckpoint.read(directory.checkpoint(group))
    if let checkpoint { try resume(from: checkpoint, files) }
    for next in files where checkpoint.map({ next.month >= $0.month }) ?? true {
      guard damage == nil else { throw damage ?? .file(next.path) }
      try read(next)
    }
  }

  private mutating func resume(
    from checkpoint: ArchiveCheckpoint,
    _ files: [ArchiveFile]
  ) throws(LedgerFault) {
    guard let known = files.first(where: { $0.month == checkpoint.month }) else {
      throw .file("the archive lacks the file of \(checkpoint.month) that was written last")
    }
    if !known.isCompressed, Self.size(of: known.path) < checkpoint.bytes {
      throw .file("\(known.path) is shorter than the \(checkpoint.bytes) bytes that were archived")
    }
    lastLines = checkpoint.lastLines
    begun = checkpoint.begun
    bytes = checkpoint.bytes
    file = known
  }

  private mutating func read(_ next: ArchiveFile) throws(LedgerFault) {
    if next.month != file?.month {
      bytes = 0
      begun = []
    }
    file = next
    let reader = try LineReader(path: next.path, at: bytes)
    var check = ChainCheck(
      from: lastLines.mapValues {
        .init(sequence: $0.line.sequence, streamID: $0.line.streamID, hash: $0.hash)
      }
    )
    while let text = try reader.next() {
      do throws(LedgerFault) {
        let line = try SealedLine(text: text)
        try check.add(line)
        lastLines[line.line.partition] = line
        begun.insert(line.line.partition)
        bytes = reader.offset
      } catch {
        damage = .file("\(next.path), at byte \(bytes): \(error)")
        return
      }
    }
  }

  private static func size(of path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }
}

extension ArchiveDirectory {
  /// The last line of every partition as it is archived now, read without the lock: a writer that
  /// is at work may be further by then.
  ///
  /// - Throws: ``LedgerFault`` when the archive cannot be read.
  public func lastLines(partitionCount: Int) throws(LedgerFault) -> [SealedLine] {
    var lines: [SealedLine] = []
    for group in ArchiveGroup.all(partitionCount: partitionCount) {
      lines += try ArchiveTail(self, group).lastLines.values
    }
    return lines
  }
}
