import Domain
import Simulation
import Support
import Testing

@testable import RedisStore

/// A simulator that finds nothing may be blind. So each rule is broken in the scripts once, and the
/// simulator has to see it.
@Suite("The simulator sees what it looks for", .serialized, .timeLimit(.minutes(15)))
struct BrokenRuleTests {
  /// A rule and what stands in its place.
  struct Break: Sendable, CustomTestStringConvertible {
    let name: String
    let rule: String
    let instead: String
    /// Whether it takes outages, holds and low balances to see it.
    var isOfHolds = false

    var testDescription: String { name }
  }

  static let breaks = [
    Break(
      name: "round at each tick instead of the total",
      rule: "return paid, billing.cost(rate, paid) - charged, paid < played",
      instead: "return paid, billing.cost(rate, paid - billed), paid < played"
    ),
    Break(
      name: "bill to now instead of the last proof of life",
      rule: "return cause, m.beat",
      instead: "return cause, p.now"
    ),
    Break(
      name: "admit without a look at the balance",
      rule: "return balance >= math.max(1, billing.cost(spending, 60))",
      instead: "return true"
    ),
    Break(
      name: "debit more than there is",
      rule: "local paid = math.min(played, math.max(covered, billed))",
      instead: "local paid = played"
    ),
    Break(
      name: "do not renew the session's life",
      rule: "if redis.call('PEXPIRE', key, 'SETTING.session_ttl') == 0 then",
      instead: "if false then"
    ),
    Break(
      name: "settle without giving back",
      rule: "local billed, debit = billing.step(m.rate, m.billed, played, account.balance)",
      instead: "local billed, debit = billing.step(m.rate, m.billed, math.max(m.billed, played), "
        + "account.balance)"
    ),
    Break(
      name: "run ahead of the last heartbeat without a limit",
      rule: "return math.min(p.now, m.beat + SETTING.heartbeat_interval)",
      instead: "return p.now"
    ),
    Break(
      name: "leave grace for any money",
      rule: "if account.balance >= minute then",
      instead: "if true then"
    ),
    Break(
      name: "forget that a token was used",
      rule: "local used = id .. ' ' .. user .. ' ' .. idempotency",
      instead: "local used = '  '"
    ),
    Break(
      name: "forget that a reference was booked",
      rule: "redis.call('HSET', refs, ref, entry)",
      instead: ""
    ),
    Break(
      name: "let a silent launcher's session go on",
      rule: "if not launcher.is_alive(p, l, m.game) and launcher.life(p, l, m.game) < at then",
      instead: "if false then"
    ),
    Break(
      name: "bill held seconds",
      rule: "return meter.played(m, at) - meter.held(p, m, at)",
      instead: "return meter.played(m, at)",
      isOfHolds: true
    ),
    Break(
      name: "let nobody live longer for a hold",
      rule: "ends = math.max(ends, h.till + ttl)",
      instead: "",
      isOfHolds: true
    ),
    Break(
      name: "let the grace run on in a hold",
      rule: "deadline = deadline + h.till - math.max(h.from, reached)",
      instead: "",
      isOfHolds: true
    ),
    Break(
      name: "round held time down",
      rule: "return math.min(math.ceil(held / 1000), meter.played(m, at))",
      instead: "return math.min(math.floor(held / 1000), meter.played(m, at))",
      isOfHolds: true
    ),
    Break(
      name: "take an operator's work for the service's",
      rule: "p.is_service = not is_by_hand",
      instead: "p.is_service = true",
      isOfHolds: true
    ),
    Break(
      name: "warn of a low balance at each step",
      rule: "if place > account.low then",
      instead: "if true then",
      isOfHolds: true
    ),
  ]

  @Test("A broken rule turns the simulation red", arguments: breaks)
  func isFound(_ item: Break) async throws {
    var isBroken = false
    let timings = item.isOfHolds ? Stage.timingsWithHolds : Stage.timings
    let assembly = ScriptAssembly(settings: ScriptSettings(timings: timings)) { source in
      isBroken = isBroken || source.contains(item.rule)
      return source.replacing(item.rule, with: item.instead)
    }
    var options = Simulation.Options(seed: 4, steps: 4_000)
    options.timings = timings
    options.scripts = Scripts(assembly)
    options.faultPercent = 0
    try #require(isBroken, "the rule stands in no script any more")
    let finding = await #expect(throws: SupportError.self) { try await Simulation.run(options) }
    print("\(item.name): \(finding?.description.split(separator: "\n").first?.prefix(300) ?? "")")
  }
}
