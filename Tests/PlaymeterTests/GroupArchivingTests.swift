import Archive
import Domain
import Support
import Testing

@testable import playmeter

@Suite("What may be removed from Redis behind the archive")
struct GroupArchivingTests {
  private static let three = Partition(number: 3)
  private static let five = Partition(number: 5)

  private let home: TemporaryDirectory
  private var work: GroupArchiving

  init() throws {
    home = try TemporaryDirectory()
    let directory = ArchiveDirectory(path: home.path)
    work = GroupArchiving(ArchiveGroup.all(partitionCount: 64)[0], directory)
    _ = try work.open()
  }

  private func line(_ sequence: Int64, _ partition: Partition) -> LedgerLine {
    let at: Int64 = 1_796_083_199_000
    return LedgerLine(
      partition: partition,
      streamID: "\(at)-\(sequence)",
      members: [
        .init(name: "seq", value: .integer(sequence)), .init(name: "at", value: .integer(at)),
        .init(name: "kind", value: .text("debit")),
      ]
    )
  }

  /// The numbers of the lines up to which the partitions may be trimmed, after so many seconds.
  private mutating func trimmable(_ seconds: Int, from start: ContinuousClock.Instant) -> [Int: Int]
  {
    let due = work.trimmable(at: start + .seconds(seconds))
    return Dictionary(
      uniqueKeysWithValues: due.map { partition, streamID in
        (partition.number, Int(streamID.split(separator: "-")[1]) ?? 0)
      }
    )
  }

  @Test("A line is kept for 30 s after it was archived, and at most twice as long")
  mutating func kept() throws {
    let start = ContinuousClock.now
    try work.append([line(1, Self.three), line(2, Self.three)])
    #expect(trimmable(29, from: start) == [:])
    #expect(trimmable(31, from: start) == [:])
    try work.append([line(3, Self.three), line(1, Self.five)])
    #expect(trimmable(60, from: start) == [:])
    #expect(trimmable(61, from: start) == [3: 2])
    #expect(trimmable(91, from: start) == [3: 3, 5: 1])
  }

  @Test("What was removed is not removed again")
  mutating func once() throws {
    let start = ContinuousClock.now
    try work.append([line(1, Self.three)])
    #expect(trimmable(31, from: start) == [:])
    #expect(trimmable(61, from: start) == [3: 1])
    #expect(trimmable(91, from: start) == [:])
  }

  @Test("Whoever gets the right to a group back waits anew")
  mutating func opened() throws {
    try work.append([line(1, Self.three)])
    _ = work.trimmable(at: .now + .seconds(31))
    work.release()
    #expect(try work.open().count == 1)
    let start = ContinuousClock.now
    #expect(trimmable(31, from: start) == [:])
    #expect(trimmable(61, from: start) == [3: 1])
  }
}
