import Domain
import RedisStore

extension RedisLink {
  /// A partition's lines that are in Redis, after the one with that identifier.
  public func ledgerLines(
    in partition: Partition,
    after streamID: String? = nil
  ) async throws(ServiceFault) -> [LedgerLine] {
    var lines: [LedgerLine] = []
    try await RedisLedger(link: self).forEachPage(in: partition, after: streamID) { lines += $0 }
    return lines
  }
}
