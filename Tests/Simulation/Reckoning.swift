/// What seconds of play cost, reckoned apart from the service: by full hours, full units a second
/// and the rest, and by search where the service divides.
struct Reckoning {
  private let perHour: Int64
  private let perSecond: Int64
  /// In 1/3600 of a milli-G-coin a second.
  private let rest: Int64

  /// - Parameter rate: In milli-G-coin an hour.
  init(rate: Int64) {
    perHour = rate
    (perSecond, rest) = rate.quotientAndRemainder(dividingBy: 3600)
  }

  /// What so many seconds cost in total, in milli-G-coin.
  func cost(_ seconds: Int64) -> Int64 {
    let (hours, left) = seconds.quotientAndRemainder(dividingBy: 3600)
    return hours * perHour + left * perSecond + left * rest / 3600
  }

  /// The most seconds, up to a limit, that cost no more than so much money.
  func seconds(for money: Int64, upTo limit: Int64) -> Int64 {
    var (low, high) = (Int64(0), limit)
    while low < high {
      let middle = (low + high + 1) / 2
      if cost(middle) <= money { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
