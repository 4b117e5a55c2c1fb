import Domain
import Synchronization

/// The highest ledger number of each partition that any reply of Redis has shown to this process,
/// or that its archive holds.
///
/// Redis never takes a number back, so one that shows less has forgotten lines: it lost its
/// append-only file, or an old replica took its place.
public final class LedgerWatermark: Sendable {
  /// What is known of one partition.
  struct Mark: Sendable {
    /// The highest number.
    var sequence: Int64 = 0
    /// The last line that is archived; Redis must still hold it.
    var archived: LedgerLine?
  }

  private let marks = Mutex<[Partition: Mark]>([:])

  /// A watermark that has seen nothing.
  public init() {}

  /// Remembers a number that a reply has shown, if it is the highest so far.
  public func note(_ sequence: Int64, of partition: Partition) {
    marks.withLock { marks in
      if sequence > marks[partition]?.sequence ?? 0 {
        marks[partition, default: Mark()].sequence = sequence
      }
    }
  }

  /// Remembers the last archived line of its partition.
  public func note(archived line: LedgerLine) {
    marks.withLock { marks in
      var mark = marks[line.partition] ?? Mark()
      mark.archived = line
      mark.sequence = max(mark.sequence, line.sequence)
      marks[line.partition] = mark
    }
  }

  /// The highest number of a partition that is known; nil when none is.
  public func highest(of partition: Partition) -> Int64? {
    marks.withLock { $0[partition]?.sequence }
  }

  /// The sum of the highest numbers: how many lines were ever written, as far as is known.
  public var lineCount: Int64 {
    marks.withLock { marks in marks.values.reduce(0) { $0 + $1.sequence } }
  }

  /// How many lines of some partitions are known and not archived.
  public func unarchived(of partitions: [Partition]) -> Int64 {
    marks.withLock { marks in
      partitions.reduce(0) { sum, partition in
        guard let mark = marks[partition] else { return sum }
        return sum + mark.sequence - (mark.archived?.sequence ?? 0)
      }
    }
  }

  /// What is known, in the order of the partitions.
  var all: [(partition: Partition, mark: Mark)] {
    marks.withLock { marks in marks.map { ($0.key, $0.value) } }
      .sorted { $0.0.number < $1.0.number }
  }
}
