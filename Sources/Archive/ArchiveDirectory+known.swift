public import Domain
import Foundation
public import Ledger

/// Numbers that Redis was seen to fall short of. They are only known from replies that a running
/// service once got; so a service that refuses such a Redis notes them here, and a restart of all
/// instances does not forget them.
///
/// Each note is a file of its own, `known-p3-12`, because instances that share the directory may
/// write at the same time. A note of a number that the ledger has passed since means nothing.
extension ArchiveDirectory {
  /// Notes that a partition's ledger has had a line of this number.
  ///
  /// - Throws: ``LedgerFault/file(_:)``.
  public func note(known number: Int64, of partition: Partition) throws(LedgerFault) {
    let file = "\(path)/known-p\(partition.number)-\(number)"
    guard !FileManager.default.fileExists(atPath: file) else { return }
    do {
      try Data().write(to: URL(filePath: file))
    } catch {
      throw .file("\(file) cannot be written: \(error.localizedDescription)")
    }
  }

  /// Every note: a partition and a number of its ledger.
  ///
  /// - Throws: ``LedgerFault/file(_:)``.
  public func knownNumbers() throws(LedgerFault) -> [(partition: Partition, number: Int64)] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .file("the archive directory \(path) cannot be read: \(error.localizedDescription)")
    }
    return names.compactMap { name in
      guard let parts = name.wholeMatch(of: /known-p([0-9]{1,4})-([0-9]{1,18})/)?.output,
        let partition = Int(parts.1), let number = Int64(parts.2)
      else { return nil }
      return (Partition(number: partition), number)
    }
  }
}
