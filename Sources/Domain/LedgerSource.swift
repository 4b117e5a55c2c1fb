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
  @concurrent func forEachPage(
    in partition: Partition,
    after streamID: String?,
    _ body: @concurrent ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault)

  /// The same partitions, in sets whose archived lines lie in the same files and are best read
  /// together.
  func groups(of partitions: [Partition]) -> [[Partition]]

  /// Calls the body with page after page of what is archived of some partitions, read once for all
  /// of them: their lines mixed, each partition's in order and from its first. What is not archived
  /// yet follows in ``forEachPage(in:after:_:)`` behind the last of them.
  @concurrent func forEachArchivedPage(
    in partitions: [Partition],
    _ body: @concurrent ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault)
}

/// Where nothing is archived.
extension LedgerSource {
  public func groups(of partitions: [Partition]) -> [[Partition]] { partitions.map { [$0] } }

  @concurrent public func forEachArchivedPage(
    in partitions: [Partition],
    _ body: @concurrent ([LedgerLine]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {}
}
