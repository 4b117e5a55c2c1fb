import Domain
import Synchronization

/// The highest ledger number of each partition that any reply of Redis has shown to this process,
/// or that its archive holds.
///
/// Redis never takes a number back, so one that shows less has forgotten lines: it lost its
/// append-only file, or an old replica took its place.
public final class LedgerWatermark: Sendable {
  private let highest = Mutex<[Partition: Int64]>([:])

  /// A watermark that has seen nothing.
  public init() {}

  /// Remembers a number, if it is the highest so far.
  public func note(_ sequence: Int64, of partition: Partition) {
    highest.withLock { highest in
      if sequence > highest[partition, default: 0] { highest[partition] = sequence }
    }
  }

  /// The highest number seen of each partition; one without a line is absent.
  public var all: [Partition: Int64] { highest.withLock { $0 } }

  /// Forgets a partition's number, after an operator has accepted the loss.
  public func forget(_ partition: Partition) {
    _ = highest.withLock { $0.removeValue(forKey: partition) }
  }
}
