import Domain
import RedisClient

/// The lines that a webhook is to tell, in Redis until it has.
public struct RedisNotices: Sendable {
  /// Notices of a partition that are read at once.
  public static let pageSize = 100

  private let link: RedisLink

  /// The notices behind a link.
  public init(link: RedisLink) {
    self.link = link
  }

  /// Every partition that may have some.
  public var partitions: [Partition] { link.keys.partitions }

  /// Takes or renews the right to tell them; false while another instance has it.
  public func lease(holder: String, duration: Duration) async throws(ServiceFault) -> Bool {
    let first = Partition(number: 0)
    return try await link.lease("webhook", in: first, holder: holder, duration: duration) != nil
  }

  /// The oldest notices of each partition, in one round trip.
  public func oldest() async throws(ServiceFault) -> [LedgerLine] {
    let commands = partitions.map { partition in
      let key = link.keys.key(.notices, in: partition)
      return RedisCommand("XRANGE", key, "-", "+", "COUNT", String(Self.pageSize))
    }
    var lines: [LedgerLine] = []
    for (partition, reply) in zip(partitions, try await link.send(commands)) {
      lines += try LedgerLine.lines(of: reply, in: partition)
    }
    return lines
  }

  /// Forgets a notice that was told. A repeat changes nothing.
  public func forget(_ line: LedgerLine) async throws(ServiceFault) {
    let key = link.keys.key(.notices, in: line.partition)
    _ = try await link.send(RedisCommand("XDEL", key, line.streamID))
  }
}
