import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite(.timeLimit(.minutes(15)))
struct BillingRuleTests {
  /// Cases that one call computes.
  private static let batch = 500

  private struct Case {
    let rate = Int64.random(in: Bool.random() ? 60...100_000_000 : 60...500_000)
    let billed: Int64
    let played: Int64
    let balance: Int64

    init() {
      let longest: Int64 = Bool.random() ? 200_000 : 5_000
      billed = .random(in: 0...longest)
      played = .random(in: 0...longest)
      // Often close to what the seconds cost, where an off-by-one would show.
      let rule = BillingRule(tariff: Tariff(milliGCoinPerHour: rate)!)
      let need = rule.cost(seconds: played).milliGCoin - rule.cost(seconds: billed).milliGCoin
      let near = max(0, need + .random(in: -2...2))
      balance = Bool.random() ? near : .random(in: 0...Money.maximumBalance.milliGCoin)
    }
  }

  @Test("The rule in Lua gives what the rule in Swift gives, in 10,000 random cases")
  func luaEqualsSwift() async throws {
    let text = """
      -- The ledger number that stands before every reply of a partition.
      local reply = { 0 }
      for i = 1, #ARGV, 4 do
        local rate, billed, played, balance = unpack(ARGV, i, i + 3)
        rate, billed, played = tonumber(rate), tonumber(billed), tonumber(played)
        local paid, debit, exhausted = billing.step(rate, billed, played, tonumber(balance))
        reply[#reply + 1], reply[#reply + 2] = paid, debit
        reply[#reply + 1] = exhausted and 1 or 0
      end
      return reply

      """
    try await Cafe.open { cafe in
      let assembly = ScriptAssembly(settings: ScriptSettings(timings: Timings()))
      let script = assembly.scripts(texts: [("rule", text)])["rule"]
      for _ in 0..<(10_000 / Self.batch) {
        let cases = (0..<Self.batch).map { _ in Case() }
        let arguments = cases.flatMap { [$0.rate, $0.billed, $0.played, $0.balance] }
        var reply = try await cafe.link.run(
          script,
          in: cafe.partition,
          arguments.map { String($0) }
        )
        for item in cases {
          let rule = BillingRule(tariff: try #require(Tariff(milliGCoinPerHour: item.rate)))
          let step = rule.step(
            billedSeconds: item.billed,
            playedSeconds: item.played,
            balance: Money(milliGCoin: item.balance)
          )
          let paid = try reply.integer()
          let debit = try reply.integer()
          let exhausted = try reply.integer() == 1
          #expect(paid == step.billedSeconds, "\(item)")
          #expect(debit == step.debit.milliGCoin, "\(item)")
          #expect(exhausted == step.isExhausted, "\(item)")
        }
      }
    }
  }
}
