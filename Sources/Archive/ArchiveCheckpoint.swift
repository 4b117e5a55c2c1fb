import Domain
import Foundation
import JSON
import Ledger

/// How far a group was archived: which file was written to and the last line of each partition.
///
/// It only saves reading everything at a start. What was written after it is read again, and
/// without it the whole archive is.
struct ArchiveCheckpoint: Equatable {
  /// The month of the file that was being written.
  var month: Month
  /// Its bytes up to here hold lines that are on the disk.
  var bytes: Int
  /// The partitions that have a line in it.
  var begun: Set<Partition>
  /// The last line of each partition.
  var lastLines: [Partition: SealedLine]

  /// The checkpoint in a file, or nil when there is none that can be used.
  static func read(_ path: String) -> ArchiveCheckpoint? {
    guard let data = FileManager.default.contents(atPath: path),
      let value = try? JSONValue(bytes: Array(data)),
      let month = value["month"]?.string.flatMap({ Month($0) }),
      let bytes = value["bytes"]?.integer.flatMap({ Int(exactly: $0) }), bytes >= 0,
      let numbers = value["begun"]?.array, let texts = value["last_lines"]?.array
    else { return nil }
    let begun = numbers.compactMap(\.integer).map { Partition(number: Int($0)) }
    var lastLines: [Partition: SealedLine] = [:]
    for text in texts.compactMap(\.string) {
      guard let line = try? SealedLine(text: Array(text.utf8)) else { return nil }
      lastLines[line.line.partition] = line
    }
    return ArchiveCheckpoint(month: month, bytes: bytes, begun: Set(begun), lastLines: lastLines)
  }

  /// Puts the checkpoint in the place of the one before, whole or not at all.
  func write(_ path: String) throws(LedgerFault) {
    let inOrder = lastLines.values.sorted { $0.line.partition.number < $1.line.partition.number }
    let value: JSONValue = [
      "month": .string(month.description), "bytes": .integer(Int64(bytes)),
      "begun": .array(begun.map(\.number).sorted().map { .integer(Int64($0)) }),
      "last_lines": .array(inOrder.map { .string(String(decoding: $0.text, as: UTF8.self)) }),
    ]
    do {
      try Data(value.bytes + [UInt8(ascii: "\n")])
        .write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw .file("\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}
