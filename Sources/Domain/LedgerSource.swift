/// Where ledger lines are read: the archive, Redis, or both as one.
public protocol LedgerSource: Sendable {
  /// Calls the body with page after page of a partition's lines, in order and without a gap, until
  /// the ledger's present end. A page has at least one line; the next one is only read when the
  /// body has returned, so a slow body slows the reading.
  ///
  /// - Parameters:
  ///   - partition: The games' ledger is that of the partition one past the last.
  ///   - streamID: `<milliseconds>-<number>`: only lines behind it. It need not be a line's, so
  ///     that a time can be given as `<milliseconds>-0`. Nil reads from the first line.
  func forEachPage(
    in partition: Partition,
    after streamID: String?,
    _ body: ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault)
}
