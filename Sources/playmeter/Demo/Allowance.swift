import Domain

/// How much money the operator moves, so that the evening takes its course at any rate and at any
/// length of a beat. Amounts are whole G-coin, as people pay them.
struct Allowance: Sendable {
  /// The service admits nobody on less than a minute's money, and resumes nobody either.
  private static let minute = 60
  /// The longest stretch of the script that one payment must last: from the opening to the
  /// corrections, or from the rescue to the last end.
  private static let stretchBeats = 15

  /// The time between two heartbeats.
  let beat: Duration

  /// What a cafe needs at the opening: a minute's money is left when the last session starts.
  func opening(milliGCoinPerHour rate: Int64) -> Money {
    Self.roundedUp(rate, seconds: Self.minute + seconds(Self.stretchBeats))
  }

  /// What a correction takes away, so that the rest is spent two beats later; zero when no more
  /// than that is left anyway.
  func correction(of balance: Money, milliGCoinPerHour rate: Int64) -> Money {
    let rest = Self.cost(rate, seconds: seconds(2))
    return Money(milliGCoin: max(0, balance.milliGCoin - rest) / 1000 * 1000)
  }

  /// What is paid in during the grace. Too little is half a minute at most: it pays what was played
  /// so far, but not the minute that a resumption takes.
  func rescue(_ rescue: Evening.Rescue, milliGCoinPerHour rate: Int64) -> Money {
    switch rescue {
    case .enough: opening(milliGCoinPerHour: rate)
    case .tooLittle: Self.roundedUp(rate, seconds: min(Self.minute / 2, seconds(2)))
    }
  }

  private func seconds(_ beats: Int) -> Int { Int((beat * beats).components.seconds) }

  private static func cost(_ rate: Int64, seconds: Int) -> Int64 { rate * Int64(seconds) / 3600 }

  private static func roundedUp(_ rate: Int64, seconds: Int) -> Money {
    Money(milliGCoin: (cost(rate, seconds: seconds) + 999) / 1000 * 1000)
  }
}
