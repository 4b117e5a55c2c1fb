import Testing

@testable import Domain

struct BillingRuleTests {
  private func rule(_ rate: Int64) throws -> BillingRule {
    BillingRule(tariff: try #require(Tariff(milliGCoinPerHour: rate)))
  }

  @Test(
    "230 G-coin an hour cost what a calculator says",
    arguments: [
      (0, 0), (1, 63), (59, 3769), (61, 3897), (3599, 229_936), (3600, 230_000),
      (86_399, 5_519_936),
    ] as [(Int64, Int64)]
  )
  func cost(seconds: Int64, expected: Int64) throws {
    #expect(try rule(230_000).cost(seconds: seconds).milliGCoin == expected)
  }

  @Test("What is covered is the most that the money pays: one second more costs more than there is")
  func covered() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let rule = try rule(.random(in: Tariff.range, using: &generator))
      let money = Money(milliGCoin: .random(in: 0...1_000_000_000, using: &generator))
      let seconds = rule.secondsCovered(charged: .zero, balance: money)
      #expect(rule.cost(seconds: seconds) <= money)
      #expect(rule.cost(seconds: seconds + 1) > money)
    }
  }

  @Test("A step debits what the balance covers, no more and no less")
  func step() throws {
    let rule = try rule(36_000)
    let short = rule.step(billedSeconds: 10, playedSeconds: 100, balance: Money(milliGCoin: 255))
    #expect(short == .init(billedSeconds: 35, debit: Money(milliGCoin: 250), isExhausted: true))
    let back = rule.step(billedSeconds: 100, playedSeconds: 40, balance: .zero)
    #expect(back == .init(billedSeconds: 40, debit: Money(milliGCoin: -600), isExhausted: false))
  }

  @Test("Steps add up to the cost of the whole, however they are split")
  func splits() throws {
    let rule = try rule(230_000)
    for _ in 0..<1_000 {
      let total = Int64.random(in: 1...100_000)
      var billed: Int64 = 0
      var paid: Int64 = 0
      while billed < total {
        let played = min(total, billed + .random(in: 0...900))
        let balance = Money.maximumBalance
        let step = rule.step(billedSeconds: billed, playedSeconds: played, balance: balance)
        billed = step.billedSeconds
        paid += step.debit.milliGCoin
      }
      #expect(paid == rule.cost(seconds: total).milliGCoin)
    }
  }

  @Test("A damaged record's seconds cost something wrong, and harm nothing")
  func damaged() throws {
    for rate in [Tariff.range.lowerBound, 230_000, Tariff.range.upperBound] {
      let rule = try rule(rate)
      #expect(rule.cost(seconds: .max).milliGCoin >= Int64.max / 3600 - rate)
      #expect(rule.cost(seconds: .min) == Money.zero - rule.cost(seconds: .max))
    }
  }
}
