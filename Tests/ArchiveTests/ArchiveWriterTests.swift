import Archive
import Domain
import Foundation
import Ledger
import Support
import Testing

@Suite("The archive on disk")
struct ArchiveWriterTests {
  /// 2026-11-30T23:59:59Z, a second before the month ends.
  private static let november: Int64 = 1_796_083_199_000
  private static let december = november + 1000

  private let home: TemporaryDirectory
  private let directory: ArchiveDirectory
  private let group = ArchiveGroup.all(partitionCount: 64)[0]

  init() throws {
    home = try TemporaryDirectory()
    directory = ArchiveDirectory(path: home.path)
  }

  private func line(_ sequence: Int64, at: Int64 = november, partition: Int = 3) -> LedgerLine {
    LedgerLine(
      partition: Partition(number: partition),
      streamID: "\(at)-\(sequence)",
      members: [
        .init(name: "seq", value: .integer(sequence)), .init(name: "at", value: .integer(at)),
        .init(name: "kind", value: .text("debit")), .init(name: "ref", value: .text("ü\n\"")),
      ]
    )
  }

  private func everything() throws -> [LedgerLine] {
    var cursor = ArchiveCursor(directory, group)
    var check = ChainCheck()
    var lines: [LedgerLine] = []
    while let sealed = try cursor.next() {
      try check.add(sealed)
      lines.append(sealed.line)
    }
    return lines
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
  }

  @Test("Lines are read back in order, chained, from plain and compressed files")
  func months() throws {
    let lines = [
      line(1), line(1, partition: 5), line(2), line(3, at: Self.december),
      line(2, partition: 5), line(4, at: Self.december),
    ]
    let writer = try ArchiveWriter(directory, group)
    try writer.append(Array(lines[..<3]))
    try writer.append(Array(lines[3...]))
    #expect(try everything() == lines)
    #expect(try names().contains("2026-11-p0000.jsonl.gz"))
    #expect(try names().contains("2026-12-p0000.jsonl"))
    #expect(try !names().contains("2026-11-p0000.jsonl"))
  }

  @Test("Each file can be verified alone")
  func eachFile() throws {
    let writer = try ArchiveWriter(directory, group)
    try writer.append([line(1), line(2), line(3, at: Self.december), line(4, at: Self.december)])
    let text = try String(contentsOfFile: "\(home.path)/2026-12-p0000.jsonl", encoding: .utf8)
    var check = ChainCheck()
    for line in text.split(separator: "\n") { try check.add(SealedLine(text: Array(line.utf8))) }
    #expect(check.count == 2)
  }

  @Test("A second writer is refused while the first lives")
  func lock() throws {
    let first = try ArchiveWriter(directory, group)
    #expect(throws: LedgerFault.self) { try ArchiveWriter(directory, group) }
    #expect(first.lastLines.isEmpty)
  }

  @Test("A line that does not follow is refused", arguments: [1, 3])
  func gap(sequence: Int64) throws {
    let writer = try ArchiveWriter(directory, group)
    try writer.append([line(1)])
    #expect(throws: LedgerFault.self) { try writer.append([line(sequence)]) }
  }

  @Test("A loss follows the line before the lost ones, and says what it follows")
  func loss() throws {
    let names = [("from_seq", 3), ("to_seq", 5)] as [(String, Int64)]
    let loss = LedgerLine(
      partition: Partition(number: 3),
      streamID: "\(Self.november)-6",
      members: line(6).members
        .map {
          $0.name == "kind" ? .init(name: "kind", value: .text("loss")) : $0
        } + names.map { .init(name: $0.0, value: .integer($0.1)) }
    )
    try autoreleasing { writer in
      try writer.append([line(1)])
      #expect(throws: LedgerFault.self) { try writer.append([loss]) }
    }
    try autoreleasing { try $0.append([line(2), loss, line(7)]) }
    #expect(try everything().map(\.sequence) == [1, 2, 6, 7])
    let text = try String(contentsOfFile: "\(home.path)/2026-11-p0000.jsonl", encoding: .utf8)
    let isAnchored = text.split(separator: "\n").map { $0.contains("prev_hash") }
    #expect(isAnchored == [false, false, true, false])
    // A start without a checkpoint reads over it.
    try autoreleasing { #expect($0.lastLines[Partition(number: 3)]?.line.sequence == 7) }
  }

  @Test("Numbers that were noted are found again, and nothing else is taken for one")
  func knownNumbers() throws {
    #expect(try directory.knownNumbers().isEmpty)
    for _ in 0..<2 { try directory.note(known: 12, of: Partition(number: 3)) }
    try directory.note(known: 7, of: Partition(number: 64))
    try Data().write(to: URL(filePath: "\(home.path)/known-p3-"))
    let known = try directory.knownNumbers().sorted { $0.number < $1.number }
    #expect(known.map(\.number) == [7, 12])
    #expect(known.map(\.partition.number) == [64, 3])
    _ = try ArchiveWriter(directory, group)
    #expect(try everything().isEmpty)
  }

  @Test("After a crash at any byte of the file the archive goes on and misses nothing")
  func cut() async throws {
    let lines = (1...4).map { line($0) }
    try autoreleasing { try $0.append(Array(lines[..<2])) }
    try autoreleasing { try $0.checkpoint() }
    let path = "\(home.path)/2026-11-p0000.jsonl"
    let archived = try Data(contentsOf: URL(filePath: path)).count
    try autoreleasing { try $0.append(Array(lines[2...])) }
    let whole = try Data(contentsOf: URL(filePath: path))
    for length in archived...whole.count {
      try whole.prefix(length).write(to: URL(filePath: path))
      try autoreleasing { writer in
        let last = writer.lastLines[Partition(number: 3)]?.line.sequence ?? 0
        try writer.append(lines.filter { $0.sequence > last })
      }
      #expect(try everything() == lines, "cut at \(length)")
      #expect(try Data(contentsOf: URL(filePath: path)) == whole)
      await Task.yield()
    }
  }

  @Test("Zeros that a lost write left behind are set aside")
  func zeros() throws {
    try autoreleasing { try $0.append([line(1)]) }
    let path = "\(home.path)/2026-11-p0000.jsonl"
    let good = try Data(contentsOf: URL(filePath: path))
    try (good + Data(count: 100) + Data("\nrest\n".utf8)).write(to: URL(filePath: path))
    try autoreleasing { try $0.append([line(2)]) }
    #expect(try everything() == [line(1), line(2)])
    #expect(try names().contains { $0.contains(".damaged-\(good.count)") })
  }

  @Test("A file that lost what was archived is refused, and so is a missing one")
  func shortened() throws {
    try autoreleasing { writer in
      try writer.append([line(1), line(2)])
      try writer.checkpoint()
    }
    let path = "\(home.path)/2026-11-p0000.jsonl"
    let good = try Data(contentsOf: URL(filePath: path))
    try good.prefix(good.count - 1).write(to: URL(filePath: path))
    #expect(throws: LedgerFault.self) { try ArchiveWriter(directory, group) }
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: LedgerFault.self) { try ArchiveWriter(directory, group) }
  }

  @Test("Without a checkpoint, or with one that is no use, everything is read again")
  func noCheckpoint() throws {
    try autoreleasing { writer in
      try writer.append([line(1), line(2, at: Self.december)])
      try writer.checkpoint()
    }
    let checkpoint = "\(home.path)/p0000.checkpoint"
    try Data("{}".utf8).write(to: URL(filePath: checkpoint))
    #expect(try directory.lastLines(partitionCount: 64).map(\.line) == [line(2, at: Self.december)])
    try FileManager.default.removeItem(atPath: checkpoint)
    try autoreleasing { try $0.append([line(3, at: Self.december)]) }
    #expect(try everything().map(\.sequence) == [1, 2, 3])
  }

  @Test("A cursor at the end goes on when more was archived, over the end of a month, too")
  func following() throws {
    let writer = try ArchiveWriter(directory, group)
    var cursor = ArchiveCursor(directory, group)
    #expect(try cursor.next() == nil)
    try writer.append([line(1)])
    #expect(try cursor.next()?.line == line(1))
    #expect(try cursor.next() == nil)
    try writer.append([line(2), line(3, at: Self.december)])
    #expect(try cursor.next()?.line == line(2))
    #expect(try cursor.next()?.line == line(3, at: Self.december))
    #expect(try cursor.next() == nil)
  }

  @Test("A late line of an earlier month stays in the order of its partition")
  func lateLine() throws {
    let writer = try ArchiveWriter(directory, group)
    try writer.append([line(1, at: Self.december), line(1, partition: 5)])
    #expect(try everything() == [line(1, at: Self.december), line(1, partition: 5)])
    #expect(try directory.lastLines(partitionCount: 64).count == 2)
  }

  /// Opens a writer, uses it, and lets it go, so that its lock is free.
  private func autoreleasing(_ body: (ArchiveWriter) throws -> Void) throws {
    try body(try ArchiveWriter(directory, group))
  }
}
