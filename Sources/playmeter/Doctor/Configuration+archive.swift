import Archive
import Foundation
import Ledger
import RedisStore

/// Where the ledger is kept outside Redis, looked at before anything is written there.
extension Configuration {
  /// A line takes some 400 bytes, so this is two million of them.
  private static let leastFreeBytes = 1 << 30

  /// That the ledger is kept nowhere but in Redis, where that may not be; nil when it is well.
  var missingArchive: String? {
    guard archiveDirectory == nil, durability == .strict else { return nil }
    return "\(Setting.archiveDirectory.name) is not set: without an archive nobody notices a Redis "
      + "that went back in time; set it, or \(Setting.redisDurability.name)=relaxed on a machine "
      + "without real money"
  }

  /// What is wrong with where the ledger is kept, and what it knows of the ledger. It reads each
  /// file's end, once.
  var archiveLook: (faults: [String], known: LedgerWatermark) {
    let faults = archiveFaults
    guard faults.isEmpty else { return (faults, LedgerWatermark()) }
    do throws(LedgerFault) {
      return ([], try LedgerWatermark(self))
    } catch {
      return (["\(error)"], LedgerWatermark())
    }
  }

  /// What keeps this user from the directory; empty when nothing does.
  private var archiveFaults: [String] {
    if let missingArchive { return [missingArchive] }
    guard let archiveDirectory else { return [] }
    let path = archiveDirectory.path
    let shown = Printable.text(path)
    let name = Setting.archiveDirectory.name
    let make = "run install -d -m 0750 -o playmeter -g playmeter \(shown)"
    guard archiveDirectory.exists else {
      // The service makes it, but not its parents.
      let parent = URL(filePath: path).deletingLastPathComponent().path
      guard access(parent, W_OK | X_OK) != 0 else { return [] }
      return ["\(name): \(shown) is not there and cannot be made by this user: \(make)"]
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      return ["\(name): this user may not write to \(shown): \(make)"]
    }
    return []
  }

  /// What will go wrong with it soon.
  var archiveWarnings: [String] {
    guard let path = archiveDirectory?.path,
      let system = try? FileManager.default.attributesOfFileSystem(forPath: path),
      let free = system[.systemFreeSize] as? Int
    else { return [] }
    return [Self.roomWarning(freeBytes: free, at: path)].compactMap(\.self)
  }

  static func roomWarning(freeBytes: Int, at path: String) -> String? {
    guard freeBytes < leastFreeBytes else { return nil }
    return "\(Setting.archiveDirectory.name): only \(freeBytes >> 20) MiB are free where "
      + "\(Printable.text(path)) is: make room, or nothing is archived and Redis fills up"
  }
}
