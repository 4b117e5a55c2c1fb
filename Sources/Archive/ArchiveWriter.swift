public import Domain
import Foundation
public import Ledger

/// Appends a group's lines to the archive, hashed and in order. One process at a time has a group's
/// writer; after an error it must be dropped and opened again, which finds out what the disk has.
public final class ArchiveWriter {
  /// The last archived line of each partition.
  public private(set) var lastLines: [Partition: SealedLine]
  /// A little more than a debit takes, so that what is appended rarely moves while it grows.
  private static let usualLineBytes = 480

  private let directory: ArchiveDirectory
  private let group: ArchiveGroup
  private let lock: FileLock
  private var open: OpenFile?

  /// The file that lines go to.
  private struct OpenFile {
    let month: Month
    let file: AppendFile
    var begun: Set<Partition>
  }

  /// Takes the group's lock and goes on where the archive ends: behind the last whole line.
  ///
  /// - Throws: ``LedgerFault`` when another process writes, or the archive is damaged.
  public init(_ directory: ArchiveDirectory, _ group: ArchiveGroup) throws(LedgerFault) {
    lock = try FileLock(path: directory.lock(group))
    let tail = try ArchiveTail(directory, group)
    self.directory = directory
    self.group = group
    lastLines = tail.lastLines
    open = nil
    if let file = tail.file, !file.isCompressed {
      if tail.damage != nil { try Self.setAside(file.path, from: tail.bytes) }
      open = OpenFile(
        month: file.month,
        file: try AppendFile(path: file.path, bytes: tail.bytes),
        begun: tail.begun
      )
    }
    try compressComplete()
  }

  /// Appends lines, each of which must follow the last one of its partition; all of them are on the
  /// disk when this returns.
  ///
  /// - Throws: ``LedgerFault/broken(_:)`` for a line that does not follow, ``LedgerFault/file(_:)``
  ///   when the disk refuses.
  public func append(_ lines: [LedgerLine]) throws(LedgerFault) {
    var pending: [UInt8] = []
    pending.reserveCapacity(lines.count * Self.usualLineBytes)
    for line in lines {
      let month = Month(inUTC: line.instant)
      if open.map({ $0.month < month }) ?? true {
        try write(&pending)
        try begin(month)
      }
      try seal(line).append(to: &pending)
      pending.append(UInt8(ascii: "\n"))
    }
    try write(&pending)
  }

  /// Notes how far the archive is, so that the next start need not read what is before it.
  public func checkpoint() throws(LedgerFault) {
    guard let open else { return }
    let checkpoint = ArchiveCheckpoint(
      month: open.month,
      bytes: open.file.bytes,
      begun: open.begun,
      lastLines: lastLines
    )
    try checkpoint.write(directory.checkpoint(group))
  }

  private func seal(_ line: LedgerLine) throws(LedgerFault) -> SealedLine {
    let last = lastLines[line.partition]
    let end = last?.line.sequence ?? 0
    guard line.follows(end) else {
      throw .broken(
        "partition \(line.partition.number): the archive ends at seq \(end), and Redis goes on "
          + "with seq \(line.sequence)"
      )
    }
    let previous = last?.hash ?? HashChain.start
    var chain = HashChain(after: previous)
    let sealed = chain.seal(line)
    lastLines[line.partition] = sealed
    // Each file can be verified alone: a partition's first line in it says what it follows. So does
    // one behind a gap, also to readers who do not know its kind.
    let isFirst = open?.begun.insert(line.partition).inserted ?? true
    let isAnchored = isFirst && end > 0 || line.loss != nil
    return isAnchored ? sealed.with(previousHash: previous) : sealed
  }

  private func write(_ pending: inout [UInt8]) throws(LedgerFault) {
    guard !pending.isEmpty else { return }
    try open?.file.append(pending)
    pending.removeAll(keepingCapacity: true)
  }

  private func begin(_ month: Month) throws(LedgerFault) {
    let file = try AppendFile(path: directory.file(month, group), bytes: 0)
    open = OpenFile(month: month, file: file, begun: [])
    try checkpoint()
    try compressComplete()
  }

  private func compressComplete() throws(LedgerFault) {
    for file in try directory.files(of: group) where !file.isCompressed {
      if let open, file.month < open.month { try Compression.compress(file.path) }
    }
  }

  /// Keeps what stands behind the last whole line for somebody to look at; it is archived again
  /// from Redis, which forgets only what is on the disk.
  private static func setAside(_ path: String, from bytes: Int) throws(LedgerFault) {
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      try handle.seek(toOffset: UInt64(bytes))
      let rest = try handle.readToEnd() ?? Data()
      try rest.write(to: URL(filePath: "\(path).damaged-\(bytes)"), options: .atomic)
    } catch {
      throw .file("\(path): what is damaged cannot be set aside: \(error.localizedDescription)")
    }
  }
}
