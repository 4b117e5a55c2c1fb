import Domain
import RedisClient

/// Tells whether a Redis has forgotten ledger lines that are known outside it: that it lost its
/// append-only file or the end of it, was started empty, or an old replica took its place.
///
/// On such a Redis nothing may be debited, topped up or trimmed: sessions would be billed twice,
/// and money that a cafe has paid would be gone. It is examined on each new connection.
struct LedgerFence: Sendable {
  /// Partitions and losses that the message names one by one.
  private static let named = 3

  let keys: Keys
  let watermark: LedgerWatermark

  /// Reads what ``forgotten(of:in:)`` judges; it writes nothing.
  func commands(for known: [(partition: Partition, mark: LedgerWatermark.Mark)]) -> [RedisCommand] {
    known.flatMap { partition, mark -> [RedisCommand] in
      let id = mark.archived?.streamID ?? "0-1"
      return [
        PartitionClock.reading(keys.key(.clock, in: partition)),
        RedisCommand("XRANGE", keys.key(.ledger, in: partition), id, id),
      ]
    }
  }

  /// What is missing, partition by partition; empty when nothing is.
  func forgotten(
    of known: [(partition: Partition, mark: LedgerWatermark.Mark)],
    in replies: [RedisReply]
  ) -> [ForgottenLines] {
    known.enumerated()
      .compactMap { index, entry in
        forgotten(of: entry.mark, entry.partition, replies[2 * index], replies[2 * index + 1])
      }
  }

  private func forgotten(
    of mark: LedgerWatermark.Mark,
    _ partition: Partition,
    _ clock: RedisReply,
    _ entry: RedisReply
  ) -> ForgottenLines? {
    let present = PartitionClock(clock)?.sequence ?? 0
    let archived = mark.archived?.sequence ?? 0
    let stored = entry.elements.first.flatMap { try? LedgerLine($0, in: partition) }
    let isOther = mark.archived != nil && present >= archived && stored != mark.archived
    guard present < mark.sequence || isOther else { return nil }
    return ForgottenLines(
      partition: partition,
      present: present,
      archived: archived,
      known: mark.sequence,
      isOther: isOther
    )
  }

  /// What is missing in one sentence that says what to do; nil when nothing is.
  static func fault(of forgotten: [ForgottenLines]) -> String? {
    guard !forgotten.isEmpty else { return nil }
    return "Redis went back in time: \(list(forgotten)). Nothing is billed on it until "
      + remedy(for: forgotten)
  }

  private static func remedy(for forgotten: [ForgottenLines]) -> String {
    let lost = forgotten.compactMap(\.lost)
    var steps: [String] = []
    if lost.isEmpty || forgotten.contains(where: { $0.lost == nil || $0.isRestorable }) {
      steps.append("\"playmeter ledger restore\" has brought it up to the archive")
    }
    if !lost.isEmpty {
      steps.append(
        "\"playmeter ledger accept-loss\" was told by name what nobody has any more: \(list(lost))"
      )
    }
    return steps.joined(separator: ", and ")
  }

  private static func list(_ things: [some CustomStringConvertible]) -> String {
    let more = things.count > named ? " and \(things.count - named) more" : ""
    return things.prefix(named).map(\.description).joined(separator: ", ") + more
  }
}

/// What a Redis has forgotten of one partition's ledger.
public struct ForgottenLines: Sendable, Equatable {
  /// The partition.
  public let partition: Partition
  /// The number of the last line that Redis has; 0 when it has none.
  public let present: Int64
  /// The number of the last line that the archive has; 0 when it has none.
  public let archived: Int64
  /// The highest number that is known, be it only from a reply of Redis.
  public let known: Int64
  /// Whether Redis has another line in place of the last archived one.
  public let isOther: Bool

  /// Whether the archive has lines that Redis lacks.
  public var isRestorable: Bool { present < archived }

  /// What neither Redis nor the archive has; nil when they have all that is known.
  public var lost: LedgerLoss? {
    let end = max(present, archived)
    guard !isOther, end < known else { return nil }
    return LedgerLoss(partition: partition, numbers: (end + 1)...known)
  }
}

extension ForgottenLines: CustomStringConvertible {
  public var description: String {
    isOther
      ? "partition \(partition.number) has another seq \(archived) than the archive"
      : "the ledger of partition \(partition.number) ends at seq \(present), but seq \(known) is "
        + "known"
  }
}

extension RedisReply {
  /// The elements of an array; none for anything else.
  fileprivate var elements: [RedisReply] {
    if case .array(let elements) = self { elements } else { [] }
  }
}
