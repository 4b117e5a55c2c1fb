/// The sessions that a hold concerns: all, or those of a cafe, of a game, or of both.
public struct HoldScope: Hashable, Sendable {
  /// Only sessions that this cafe pays.
  public let cafe: CafeID?
  /// Only sessions of this game.
  public let game: GameID?

  /// A scope from its parts; without any it is every session.
  public init(cafe: CafeID? = nil, game: GameID? = nil) {
    self.cafe = cafe
    self.game = game
  }
}

/// A hold that an operator has switched on.
public struct HoldReport: Sendable, Equatable {
  /// The sessions that it concerns.
  public let scope: HoldScope
  /// When it was switched on; in the first partition, where there are several.
  public let since: Instant
  /// In how many partitions it is on. Fewer than all mean that switching was interrupted, and a
  /// repeat finishes it.
  public let partitions: Int

  /// A report from its parts.
  public init(scope: HoldScope, since: Instant, partitions: Int) {
    self.scope = scope
    self.since = since
    self.partitions = partitions
  }
}

/// A share of what was billed in a period, to be given back.
public struct Compensation: Sendable, Equatable {
  /// The shares that can be given back, in percent.
  public static let percents: ClosedRange<Int> = 1...100

  /// The begin of the period.
  public let from: Instant
  /// Its end; later than ``from``.
  public let to: Instant
  /// The share, in ``percents``.
  public let percent: Int
  /// What makes it unique for the cafe.
  public let reference: BookingReference

  /// A compensation from its parts.
  public init(from: Instant, to: Instant, percent: Int, reference: BookingReference) {
    self.from = from
    self.to = to
    self.percent = percent
    self.reference = reference
  }
}

/// What became of a compensation.
public struct CompensationReport: Sendable, Equatable {
  /// The cafe's balance now.
  public let balance: Money
  /// False when it had been done before.
  public let isApplied: Bool
  /// Sessions that were credited, then or now.
  public let sessions: Int64
  /// What they were credited together.
  public let credited: Money

  /// A report from its parts.
  public init(balance: Money, isApplied: Bool, sessions: Int64, credited: Money) {
    self.balance = balance
    self.isApplied = isApplied
    self.sessions = sessions
    self.credited = credited
  }
}
