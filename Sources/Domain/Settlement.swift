/// What a month of play cost, for each cafe and game.
public struct Settlement: Sendable, Equatable {
  /// The month.
  public let month: Month
  /// The time zone whose midnights bound it, such as `Asia/Seoul`.
  public let timeZone: String
  /// Its first instant and the first one after it.
  public let bounds: Range<Instant>
  /// Whether it may still change.
  public let isPreview: Bool
  /// By cafe and game; none for those that nobody played.
  public let rows: [Row]

  /// A settlement from its parts.
  public init(
    month: Month,
    timeZone: String,
    bounds: Range<Instant>,
    isPreview: Bool,
    rows: [Row]
  ) {
    self.month = month
    self.timeZone = timeZone
    self.bounds = bounds
    self.isPreview = isPreview
    self.rows = rows
  }

  /// One game in one cafe.
  public struct Row: Sendable, Equatable {
    /// The cafe that pays.
    public let cafe: String
    /// The game that was played.
    public let game: String
    /// The sums of the month.
    public let totals: Totals

    /// A row from its parts.
    public init(cafe: String, game: String, totals: Totals) {
      self.cafe = cafe
      self.game = game
      self.totals = totals
    }
  }

  /// Sums over sessions, or over the parts of sessions that lie in a month.
  public struct Totals: Sendable, Equatable {
    /// Sessions that started.
    public var sessions: Int64 = 0
    /// Seconds between starts and ends.
    public var playSeconds: Int64 = 0
    /// Seconds that are paid.
    public var billableSeconds: Int64 = 0
    /// Seconds that nobody paid, because the balance was spent.
    public var unbilledGraceSeconds: Int64 = 0
    /// Seconds that were not billed because the service was at fault.
    public var heldSeconds: Int64 = 0
    /// What was debited.
    public var debited: Money = .zero
    /// What was credited back.
    public var reversed: Money = .zero

    /// What was debited less what was credited back.
    public var net: Money { debited - reversed }

    /// Nothing.
    public init() {}

    /// What lies between two instants: the sums up to the later one less those up to the earlier.
    public static func - (left: Totals, right: Totals) -> Totals {
      var result = Totals()
      result.sessions = left.sessions - right.sessions
      result.playSeconds = left.playSeconds - right.playSeconds
      result.billableSeconds = left.billableSeconds - right.billableSeconds
      result.unbilledGraceSeconds = left.unbilledGraceSeconds - right.unbilledGraceSeconds
      result.heldSeconds = left.heldSeconds - right.heldSeconds
      result.debited = left.debited - right.debited
      result.reversed = left.reversed - right.reversed
      return result
    }

    /// Adds the sums of others.
    public static func += (left: inout Totals, right: Totals) {
      left.sessions += right.sessions
      left.playSeconds += right.playSeconds
      left.billableSeconds += right.billableSeconds
      left.unbilledGraceSeconds += right.unbilledGraceSeconds
      left.heldSeconds += right.heldSeconds
      left.debited = left.debited + right.debited
      left.reversed = left.reversed + right.reversed
    }
  }
}

/// Which settlement is wanted.
public struct SettlementRequest: Sendable, Equatable {
  /// The month.
  public var month: Month
  /// Only this cafe; nil for all.
  public var cafe: CafeID?
  /// Only this game; nil for all.
  public var game: GameID?
  /// Whether what may still change is wanted too.
  public var isPreview: Bool

  /// A request from its parts.
  public init(month: Month, cafe: CafeID? = nil, game: GameID? = nil, isPreview: Bool = false) {
    self.month = month
    self.cafe = cafe
    self.game = game
    self.isPreview = isPreview
  }
}
