import Domain
import RedisClient

/// Brings a Redis that went back in time up to the ledger that is kept outside it, line by line.
///
/// What a Redis holds is always what some first lines of each ledger made of it, because every
/// script works as a whole. So the lines that it has forgotten are done once more, in order.
public struct RedisRestore: Sendable {
  /// Lines that one script replays. A line costs some 30 µs of Redis, which nobody else uses while
  /// it is restored.
  public static let batchSize = 100

  private let link: RedisLink

  /// A restoration over a link whose connections were not examined for lost lines.
  public init(link: RedisLink) {
    self.link = link
  }

  /// How far a partition's ledger is in Redis.
  public struct Position: Sendable, Equatable {
    /// The number of the last line; 0 when there is none.
    public let sequence: Int64
    /// That line, unless it was trimmed.
    public let line: LedgerLine?
  }

  /// How far a partition's ledger is.
  public func position(of partition: Partition) async throws(ServiceFault) -> Position {
    let replies = try await link.send([
      PartitionClock.reading(link.keys.key(.clock, in: partition)),
      RedisCommand("XREVRANGE", link.keys.key(.ledger, in: partition), "+", "-", "COUNT", "1"),
    ])
    return Position(
      sequence: PartitionClock(replies[0])?.sequence ?? 0,
      line: try LedgerLine.lines(of: replies[1], in: partition).first
    )
  }

  /// What Redis has forgotten of what is known, partition by partition.
  public func forgotten(
    of watermark: LedgerWatermark
  ) async throws(ServiceFault) -> [ForgottenLines] {
    let fence = LedgerFence(keys: link.keys, watermark: watermark)
    let known = watermark.all
    return fence.forgotten(of: known, in: try await link.send(fence.commands(for: known)))
  }

  /// Lets the ledger go on behind lines that nobody has, with a line that names them.
  ///
  /// - Returns: False when Redis does not end right before them; then nothing was done.
  public func accept(_ loss: LedgerLoss) async throws(ServiceFault) -> Bool {
    let numbers = [loss.numbers.lowerBound, loss.numbers.upperBound].map(String.init)
    var reply = try await link.run(link.scripts.ledgerLoss, in: loss.partition, numbers)
    switch try reply.text() {
    case "accepted": return true
    case "differs": return false
    case let other: throw reply.unknown(other)
    }
  }

  /// Replays lines of one partition, at most ``batchSize``; those that Redis knows are passed over.
  ///
  /// - Returns: How many were replayed.
  public func replay(
    _ lines: [LedgerLine],
    in partition: Partition
  ) async throws(ServiceFault) -> Int64 {
    precondition(lines.count <= Self.batchSize, "A batch of lines is too large.")
    let arguments = lines.flatMap { line -> [String] in
      let fields = line.members.flatMap { [$0.name, $0.value.text] }
      return [line.streamID, String(fields.count)] + fields
    }
    var reply = try await link.run(link.scripts.ledgerReplay, in: partition, arguments)
    switch try reply.text() {
    case "replayed": return try reply.integer()
    case let other: throw reply.unknown(other)
    }
  }
}

extension LedgerLine.Value {
  /// The value as the stream holds it.
  var text: String {
    switch self {
    case .integer(let number): String(number)
    case .text(let text): text
    }
  }
}
