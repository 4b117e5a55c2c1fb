public import Domain

/// Partitions whose ledgers share the archive's files, so that an installation has few of them and
/// each write of a second is worth its `fsync`.
public struct ArchiveGroup: Hashable, Sendable {
  /// Partitions in a group. 64 partitions make four groups, and the games one.
  static let size = 16

  /// What the files are named after: `p0000` for partitions 0 to 15, or `games`.
  public let name: String
  /// The partitions, in order.
  public let partitions: [Partition]

  /// Every group of an installation, the games' last.
  ///
  /// - Parameter partitionCount: How many partitions hold cafes; the games' ledger has this number.
  public static func all(partitionCount: Int) -> [ArchiveGroup] {
    let groups = stride(from: 0, to: partitionCount, by: size)
      .map { first in
        ArchiveGroup(
          name: "p" + String(10_000 + first).dropFirst(),
          partitions: (first..<min(first + size, partitionCount)).map(Partition.init)
        )
      }
    let games = ArchiveGroup(name: "games", partitions: [Partition(number: partitionCount)])
    return groups + [games]
  }
}
