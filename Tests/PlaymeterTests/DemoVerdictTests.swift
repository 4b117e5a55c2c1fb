import Domain
import HTTPAPI
import JSON
import Testing

@testable import playmeter

@Suite("The verdict on the evening")
struct DemoVerdictTests {
  /// 5 G-coin per hour: ten seconds cost 13 milli-G-coin.
  private let tariff = Tariff(milliGCoinPerHour: 5000)

  /// A session of 10 billed and 2 unbilled seconds; each fact can be made wrong.
  private func evidence(
    billed: Int64 = 10,
    charged: Int64 = 13,
    debited: Int64 = 15,
    reversed: Int64 = 2,
    reason: String = "charge_exhausted",
    rate: Int64 = 5000
  ) throws -> SessionEvidence {
    let document: JSONValue = [
      "game_session_id": "gs_1", "cafe_id": "gangnam-01", "pc_id": "PC-5", "game_id": "rally",
      "provider_user_id": "1006", "state": "ended", "end_reason": .string(reason),
      "play_duration_sec": 12, "billable_sec": .integer(billed), "unbilled_grace_sec": 2,
      "held_sec": 0, "charged_mgcoin": .integer(charged),
      "ledger": [
        ["kind": "start", "rate_mgcoin_per_hour": .integer(rate)],
        ["kind": "debit", "amount_mgcoin": .integer(-debited)],
        ["kind": "exhausted"],
        ["kind": "reversal", "amount_mgcoin": .integer(reversed)],
        ["kind": "end"],
      ],
    ]
    return try #require(SessionEvidence(document))
  }

  private func verdict(_ evidence: SessionEvidence) -> SessionVerdict {
    SessionVerdict(evidence, expected: .chargeExhausted, tariff: tariff)
  }

  @Test("A session that was billed by the rule is sound")
  func sound() throws {
    let verdict = verdict(try evidence())
    #expect(verdict.isSound)
    #expect(verdict.rule == Money(milliGCoin: 13))
  }

  @Test("A charge that is not the cost of the billed seconds is found")
  func wrongCharge() throws {
    let findings = verdict(try evidence(charged: 14, debited: 16)).findings
    #expect(findings == ["the rule gives 0.013"])
  }

  @Test("A ledger that took something else than was charged is found")
  func wrongLedger() throws {
    #expect(verdict(try evidence(reversed: 1)).findings == ["the ledger took 0.014"])
  }

  @Test("A second that is neither billed nor unbilled nor held is found")
  func lostSecond() throws {
    let findings = verdict(try evidence(billed: 9, charged: 12, debited: 14)).findings
    #expect(findings == ["billed, unbilled and held make 11 s"])
  }

  @Test("Another end than the script's is found")
  func wrongReason() throws {
    let findings = verdict(try evidence(reason: "normal")).findings
    #expect(findings == ["it should have ended as charge_exhausted"])
  }

  @Test("A session that was billed at another rate than the game's is found")
  func wrongRate() throws {
    let findings = verdict(try evidence(charged: 16, debited: 18, rate: 6000)).findings
    #expect(findings == ["the ledger has another rate than the game"])
  }

  @Test("A session without a member that every session has is no evidence")
  func incomplete() {
    #expect(SessionEvidence(["game_session_id": "gs_1"]) == nil)
  }

  @Test("A balance must be what was there, was booked and was charged")
  func balance() {
    func verdict(_ balance: Int64) -> CafeVerdict {
      CafeVerdict(
        id: "gangnam-01",
        opening: Money(milliGCoin: 400_000),
        booked: Money(milliGCoin: -100_000),
        charged: Money(milliGCoin: 30_001),
        balance: Money(milliGCoin: balance)
      )
    }
    #expect(verdict(269_999).isSound)
    #expect(!verdict(270_000).isSound)
  }

  @Test("The last sentence of the tables tells whether all is well")
  func sentence() throws {
    let sound = Verdict(sessions: [verdict(try evidence())], cafes: [])
    #expect(CommandOutput.verdict(sound).text.hasSuffix("The balances agree as well."))
    let wrong = Verdict(sessions: [verdict(try evidence(reason: "normal"))], cafes: [])
    let text = CommandOutput.verdict(wrong).text
    #expect(text.hasSuffix("Something differs from the rule: 1 of 1 sessions, 0 of 0 balances."))
    #expect(text.contains("PC-5, 1006: it should have ended as charge_exhausted"))
  }

  @Test("The document holds what the tables show")
  func document() throws {
    let json = CommandOutput.verdict(Verdict(sessions: [verdict(try evidence())], cafes: [])).json
    let session = json["sessions"]?[0]
    #expect(json["ok"] == true)
    #expect(session?["charged_mgcoin"] == 13)
    #expect(session?["rule_mgcoin"] == 13)
    #expect(session?["end_reason"] == "charge_exhausted")
  }
}
