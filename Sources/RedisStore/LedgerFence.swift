import Domain
import RedisClient

/// Tells whether a Redis has forgotten ledger lines that are known outside it: that it lost its
/// append-only file, was started empty, or an old replica took its place.
///
/// On such a Redis nothing may be debited, topped up or trimmed: sessions would be billed twice,
/// and money that a cafe has paid would be gone. It is examined on each new connection.
struct LedgerFence: Sendable {
  /// Partitions that the message names one by one.
  private static let named = 3

  let keys: Keys
  let watermark: LedgerWatermark

  /// Reads what ``faults(in:)`` judges; it writes nothing.
  func commands(for known: [(partition: Partition, mark: LedgerWatermark.Mark)]) -> [RedisCommand] {
    known.flatMap { partition, mark -> [RedisCommand] in
      let id = mark.archived?.streamID ?? "0-1"
      return [
        RedisCommand("HGET", keys.key(.clock, in: partition), "seq"),
        RedisCommand("XRANGE", keys.key(.ledger, in: partition), id, id),
      ]
    }
  }

  /// What is missing, in one sentence that says what to do; nil when nothing is.
  func fault(
    of known: [(partition: Partition, mark: LedgerWatermark.Mark)],
    in replies: [RedisReply]
  ) -> String? {
    let losses = known.enumerated()
      .compactMap { index, entry in
        loss(of: entry.mark, entry.partition, replies[2 * index], replies[2 * index + 1])
      }
    guard !losses.isEmpty else { return nil }
    let more = losses.count > Self.named ? " and \(losses.count - Self.named) more" : ""
    return "Redis went back in time: " + losses.prefix(Self.named).joined(separator: ", ") + more
      + ". Nothing is billed on it until \"playmeter ledger restore\" has brought it up to the "
      + "archive"
  }

  private func loss(
    of mark: LedgerWatermark.Mark,
    _ partition: Partition,
    _ sequence: RedisReply,
    _ entry: RedisReply
  ) -> String? {
    let present = sequence.textIfAny.flatMap { Int64($0) } ?? 0
    guard present >= mark.sequence else {
      return "the ledger of partition \(partition.number) ends at seq \(present), "
        + "but seq \(mark.sequence) is known"
    }
    guard let archived = mark.archived else { return nil }
    let stored = entry.elements.first.flatMap { try? LedgerLine($0, in: partition) }
    guard stored != archived else { return nil }
    return "partition \(partition.number) has another seq \(archived.sequence) than the archive"
  }
}

extension RedisReply {
  /// The elements of an array; none for anything else.
  fileprivate var elements: [RedisReply] {
    if case .array(let elements) = self { elements } else { [] }
  }
}
