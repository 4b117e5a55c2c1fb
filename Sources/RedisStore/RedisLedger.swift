public import Domain
import RedisClient

/// The ledger in Redis as the archive reads it: page by page, and trimmed behind what is archived.
public struct RedisLedger: Sendable {
  /// Lines of a page; bounds the memory of a reply to about 200 KiB.
  public static let pageSize = 500

  private let link: RedisLink

  /// The ledger behind a link.
  public init(link: RedisLink) {
    self.link = link
  }

  /// The next lines of several partitions, at most ``pageSize`` of each, in one round trip.
  ///
  /// - Parameter positions: Each partition with the stream identifier of the line before the first
  ///   one wanted; nil for the beginning.
  public func pages(
    after positions: [(partition: Partition, streamID: String?)]
  ) async throws(ServiceFault) -> [[LedgerLine]] {
    let commands = positions.map { partition, id in
      RedisCommand(
        "XRANGE",
        link.keys.key(.ledger, in: partition),
        id.map { "(" + $0 } ?? "-",
        "+",
        "COUNT",
        String(Self.pageSize)
      )
    }
    var pages: [[LedgerLine]] = []
    for (position, reply) in zip(positions, try await link.send(commands)) {
      pages.append(try LedgerLine.lines(of: reply, in: position.partition))
    }
    return pages
  }

  /// The oldest line of a partition that is still in Redis; nil when none is.
  public func first(in partition: Partition) async throws(ServiceFault) -> LedgerLine? {
    let key = link.keys.key(.ledger, in: partition)
    let reply = try await link.send(RedisCommand("XRANGE", key, "-", "+", "COUNT", "1"))
    return try LedgerLine.lines(of: reply, in: partition).first
  }

  /// Takes or renews the right to archive the group of partitions that begins with this one.
  ///
  /// - Returns: The number that ``trim(_:keeping:number:)`` wants, or nil while another holder has
  ///   the right.
  public func lease(
    _ first: Partition,
    holder: String,
    duration: Duration
  ) async throws(ServiceFault) -> Int64? {
    try await link.lease("archive", in: first, holder: holder, duration: duration)
  }

  /// Removes the lines before an archived one.
  ///
  /// - Returns: Whether the right to archive is still this number's.
  public func trim(
    _ partition: Partition,
    keeping streamID: String,
    number: Int64
  ) async throws(ServiceFault) -> Bool {
    var reply = try await link.run(
      link.scripts.archiveTrim,
      in: partition,
      [String(number), streamID]
    )
    switch try reply.text() {
    case "trimmed": return true
    case "stale": return false
    case let other: throw reply.unknown(other)
    }
  }
}

/// Where there is no archive, the streams are the whole ledger.
extension RedisLedger: LedgerSource {
  @concurrent public func forEachPage(
    in partition: Partition,
    after streamID: String?,
    _ body: @concurrent ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    var last = streamID
    while true {
      let page = try await pages(after: [(partition, last)])[0]
      guard let end = page.last else { return }
      try await body(page)
      guard page.count == Self.pageSize else { return }
      last = end.streamID
    }
  }
}
