import Domain

/// The billing worker's port on Redis: one script steps a batch of what is due in a partition.
public struct RedisBilling: Sendable {
  /// Entries that one call takes. A step costs some 17 µs of Redis, archiving of its line included,
  /// so that a call stays below 2 ms.
  public static let batchSize = 100

  private let link: RedisLink

  /// The port over a link.
  public init(link: RedisLink) {
    self.link = link
  }

  /// Every partition that has to be looked at.
  public var partitions: [Partition] { link.keys.partitions }

  /// Steps up to ``batchSize`` entries that are due.
  public func step(_ partition: Partition) async throws(ServiceFault) -> BillingBatch {
    var reply = try await link.run(
      link.scripts.billingStep,
      in: partition,
      [String(Self.batchSize)]
    )
    let entries = try reply.integer()
    let lag = try reply.integer()
    let clockLag = try reply.integer()
    let closed = try reply.integer()
    let debited = try reply.integer()
    let silent = try reply.text().split(separator: " ").map(String.init)
    var setAside: [BillingBatch.SetAside] = []
    while !reply.isAtEnd {
      let entry = try reply.text()
      setAside.append(.init(entry: entry, fault: try reply.text()))
    }
    return BillingBatch(
      entries: Int(entries),
      lag: .milliseconds(lag),
      clockLag: .milliseconds(clockLag),
      closed: Int(closed),
      debited: Money(milliGCoin: debited),
      silentCafes: silent.compactMap(CafeID.init),
      setAside: setAside
    )
  }
}

/// What one call of the billing script did.
public struct BillingBatch: Sendable {
  /// Entries that were due; a full batch means that more are waiting.
  public let entries: Int
  /// How long the oldest of them had been due.
  public let lag: Duration
  /// By how much the clock of Redis lags the highest time it has shown.
  public let clockLag: Duration
  /// Sessions that ended.
  public let closed: Int
  /// What was debited, less what was given back.
  public let debited: Money
  /// Cafes whose sessions have nearly all fallen silent at once; each is named once.
  public let silentCafes: [CafeID]
  /// Entries that could not be stepped and were taken out of the way.
  public let setAside: [SetAside]

  /// Whether more entries may be due.
  public var isFull: Bool { entries >= RedisBilling.batchSize }

  /// An entry that could not be stepped, to be looked at by an operator.
  public struct SetAside: Sendable {
    /// The session or launcher.
    public let entry: String
    /// What was wrong.
    public let fault: String
  }
}
