import Domain
import Foundation
public import Ledger

/// The directory in which the ledger is kept outside Redis.
///
/// Each group of partitions has one file for each month, `2026-11-p0000.jsonl`: sealed lines in the
/// order in which they were archived. When the next month's file begins, the file is complete and
/// is compressed to `2026-11-p0000.jsonl.gz`. Beside them lies a checkpoint for each group, which
/// only makes starting faster, and a lock.
public struct ArchiveDirectory: Sendable, Hashable {
  /// Where it is.
  public let path: String

  /// A directory by its path; nothing is looked at.
  public init(path: String) {
    self.path = path
  }

  /// Makes the directory, readable for its owner and group, unless it is there. Its parent must be.
  public func create() throws(LedgerFault) {
    guard !exists else { return }
    do {
      try FileManager.default.createDirectory(
        atPath: path,
        withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o750]
      )
    } catch {
      throw .file("the archive directory \(path) cannot be made: \(error.localizedDescription)")
    }
  }

  /// Whether the directory is there.
  public var exists: Bool { FileManager.default.fileExists(atPath: path) }

  func file(_ month: Month, _ group: ArchiveGroup) -> String {
    "\(path)/\(month)-\(group.name).jsonl"
  }

  func checkpoint(_ group: ArchiveGroup) -> String { "\(path)/\(group.name).checkpoint" }

  func lock(_ group: ArchiveGroup) -> String { "\(path)/\(group.name).lock" }

  /// A group's files in the order of their lines. One that was being compressed when the machine
  /// stopped is there twice; then the plain one counts.
  func files(of group: ArchiveGroup) throws(LedgerFault) -> [ArchiveFile] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .file("the archive directory \(path) cannot be read: \(error.localizedDescription)")
    }
    let files = names.compactMap { ArchiveFile(name: $0, in: self, group: group) }
    let plain = Set(files.filter { !$0.isCompressed }.map(\.month))
    return files.filter { !$0.isCompressed || !plain.contains($0.month) }
      .sorted { $0.month < $1.month }
  }
}

/// A file of the archive.
struct ArchiveFile: Hashable {
  static let compressedSuffix = ".gz"

  let path: String
  let month: Month
  let isCompressed: Bool

  /// The file of that name, or nil when it is none of the group's.
  init?(name: String, in directory: ArchiveDirectory, group: ArchiveGroup) {
    guard let month = Month(String(name.prefix(7))) else { return nil }
    let plain = "\(month)-\(group.name).jsonl"
    guard name == plain || name == plain + Self.compressedSuffix else { return nil }
    self.month = month
    path = "\(directory.path)/\(name)"
    isCompressed = name != plain
  }
}
