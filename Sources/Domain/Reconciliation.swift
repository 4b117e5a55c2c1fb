/// What came of recomputing every session and every balance from the ledger.
public struct Reconciliation: Sendable, Equatable {
  /// Findings that are kept; a ledger that is wrong throughout would have millions, and the first
  /// ones tell where to look.
  public static let mostFindings = 1_000

  /// Ends of sessions that the ledger records.
  public var sessionsEnded: Int64 = 0
  /// Ended sessions that were recomputed.
  public var sessionsChecked: Int64 = 0
  /// Cafes that the ledger or the store knows.
  public var cafesKnown: Int64 = 0
  /// Cafes whose balance was recomputed.
  public var cafesChecked: Int64 = 0
  /// Lines that were read.
  public var linesRead: Int64 = 0
  /// Lines that the ledger states to be lost. Redis has forgotten them like the ledger, so the two
  /// agree, and this is no finding.
  public var linesLost: Int64 = 0
  /// The sum of all differences between what was charged and what the rule says, and between
  /// balances and their lines. Each counts as a distance, so that none makes up for another.
  public var residual: Money = .zero
  /// What does not hold, at most ``mostFindings``.
  public private(set) var findings: [Finding] = []
  /// How many findings there were.
  public private(set) var findingCount: Int64 = 0

  /// Nothing checked yet.
  public init() {}

  /// The share of the ended sessions and of the cafes that was recomputed, from 0 to 1.
  public var coverage: Double {
    let known = sessionsEnded + cafesKnown
    return known == 0 ? 1 : Double(sessionsChecked + cafesChecked) / Double(known)
  }

  /// Whether everything holds.
  public var isClean: Bool { findingCount == 0 && residual == .zero }

  /// Adds a finding.
  public mutating func add(_ finding: Finding) {
    findingCount += 1
    if findings.count < Reconciliation.mostFindings { findings.append(finding) }
  }

  /// Adds what another part of the ledger gave.
  public mutating func add(_ other: Reconciliation) {
    sessionsEnded += other.sessionsEnded
    sessionsChecked += other.sessionsChecked
    cafesKnown += other.cafesKnown
    cafesChecked += other.cafesChecked
    linesRead += other.linesRead
    linesLost += other.linesLost
    residual = residual + other.residual
    findings += other.findings.prefix(Reconciliation.mostFindings - findings.count)
    findingCount += other.findingCount
  }
}

/// Something that must always hold, and does not.
public struct Finding: Sendable, Equatable {
  /// What was broken.
  public let invariant: Invariant
  /// Sessions, cafes, PCs (`<cafe>:<pc>`) and lines (`p<partition>#<seq>`) to look at.
  public let ids: [String]
  /// What is wrong, in a sentence.
  public let text: String

  /// A finding from its parts.
  public init(_ invariant: Invariant, _ ids: [String], _ text: String) {
    self.invariant = invariant
    self.ids = ids
    self.text = text
  }
}

/// What must hold at any time.
public enum Invariant: String, Sendable, CaseIterable {
  /// No balance is below zero.
  case noDebt = "I1"
  /// A balance is the sum of its cafe's lines.
  case balance = "I2"
  /// An ended session was charged exactly what its billable seconds cost.
  case charge = "I3"
  /// The seconds between start and end are billable, unbilled or held.
  case seconds = "I4"
  /// A PC has at most one live session.
  case place = "I5"
  /// A session ends once; no line of it is missing, doubled or later than that.
  case ending = "I6"
  /// A reference is booked once.
  case once = "I7"
  /// A session ends where its end reason says.
  case reason = "I8"
  /// What Redis holds of living sessions agrees with itself and with the ledger.
  case agreement = "I9"
  /// The ledger's numbers have no gap and its times do not go back.
  case numbers = "ledger"
}

/// What can be computed from the whole ledger. It takes seconds for each million lines.
public protocol Accounting: Sendable {
  /// Recomputes every ended session and every balance. It only reads.
  func reconcile() async throws(AdministrationError) -> Reconciliation

  /// What a month of play cost.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when the month is not over or not decided and
  ///   no preview is wanted, and when the ledger is not clean.
  func settle(_ request: SettlementRequest) async throws(AdministrationError) -> Settlement
}
