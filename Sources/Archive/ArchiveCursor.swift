public import Domain
public import Ledger

/// Reads a group's lines from the first to the last that is archived now, and later on from there.
public struct ArchiveCursor {
  private let directory: ArchiveDirectory
  private let group: ArchiveGroup
  /// What the texts of wanted lines begin with; the others are not parsed.
  private let beginning: [UInt8]
  private var reader: LineReader?
  private var month: Month?

  /// A cursor before the first line.
  ///
  /// - Parameter partition: The only one whose lines are wanted; nil for the whole group.
  public init(
    _ directory: ArchiveDirectory,
    _ group: ArchiveGroup,
    only partition: Partition? = nil
  ) {
    self.directory = directory
    self.group = group
    beginning = partition.map { Array("{\"partition\":\($0.number),".utf8) } ?? []
  }

  /// The next line, or nil when no more is archived at the moment. Hashes are not checked.
  ///
  /// - Throws: ``LedgerFault`` that names the file when it cannot be read or holds something else.
  public mutating func next() throws(LedgerFault) -> SealedLine? {
    while true {
      if let line = try nextInFile() { return line }
      // The listing comes first: what was appended to this file before the next one began is there
      // at the second look.
      guard let later = try laterFile() else { return nil }
      if let line = try nextInFile() { return line }
      reader = try LineReader(path: later.path)
      month = later.month
    }
  }

  private func nextInFile() throws(LedgerFault) -> SealedLine? {
    while let reader, let text = try reader.next() {
      guard text.starts(with: beginning) else { continue }
      do throws(LedgerFault) {
        return try SealedLine(text: text)
      } catch {
        throw .file("\(reader.path), before byte \(reader.offset): \(error)")
      }
    }
    return nil
  }

  private func laterFile() throws(LedgerFault) -> ArchiveFile? {
    let files = try directory.files(of: group)
    guard let month else { return files.first }
    return files.first { $0.month > month }
  }
}
