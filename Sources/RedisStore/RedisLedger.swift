public import Domain
import RedisClient

/// The ledger as far as it lies in Redis' streams.
public struct RedisLedger: LedgerSource {
  /// Lines fetched at once; bounds the memory of a reply to about 200 KiB.
  private static let linesAtOnce = 500

  private let link: RedisLink

  /// The ledger behind a link.
  public init(link: RedisLink) {
    self.link = link
  }

  public func forEachPage(
    in partition: Partition,
    after streamID: String?,
    _ body: ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    let key = link.keys.key(.ledger, in: partition)
    let count = String(Self.linesAtOnce)
    var start = streamID.map { "(\($0)" } ?? "-"
    while true {
      let reply = try await link.read(RedisCommand("XRANGE", key, start, "+", "COUNT", count))
      guard case .array(let entries) = reply else { throw .broken("XRANGE answered \(reply)") }
      var page: [LedgerLine] = []
      page.reserveCapacity(entries.count)
      for entry in entries { page.append(try LedgerLine(entry, in: partition)) }
      guard let last = page.last else { return }
      try await body(page)
      guard page.count == Self.linesAtOnce else { return }
      start = "(\(last.streamID)"
    }
  }
}
