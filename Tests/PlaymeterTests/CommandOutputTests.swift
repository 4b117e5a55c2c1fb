import Domain
import HTTPAPI
import JSON
import Testing

@testable import playmeter

@Suite("What commands print")
struct CommandOutputTests {
  @Test("Columns are aligned, numbers to the right, and wide characters count two")
  func table() {
    #expect(
      CommandOutput.cafes(Sample.cafes).text == """
        CAFE        NAME        STATUS          G-COIN  LIVE   G-COIN/H  NETWORKS
        gangnam-01  강남 1호점  active          12.500     2    460.000  203.0.113.0/28
        hongdae     Hongdae     active     1000000.005   120  27600.000  203.0.113.0/28
        sinchon     Sinchon     suspended        0.000     0      0.000  203.0.113.0/28
        """
    )
  }

  @Test("A list is a bare JSON array, and an empty one a sentence for people")
  func lists() {
    #expect(CommandOutput.cafes([]).json == [])
    #expect(CommandOutput.cafes([]).text == "There are no cafes.")
    #expect(CommandOutput.games([]).json == [])
    #expect(CommandOutput.sessions([]).json == [])
    #expect(CommandOutput.cafes(Sample.cafes).json[0]?["balance_mgcoin"] == 12_500)
    #expect(CommandOutput.games([Sample.game]).json[0]?["rate_mgcoin_per_hour"] == 230_000)
  }

  @Test("A cafe has the contract's members and its money in G-coin for people")
  func cafe() {
    let output = CommandOutput.cafe(Sample.cafes[0])
    #expect(
      names(output.json) == [
        "cafe_id", "name", "networks", "status", "balance_mgcoin", "live_sessions",
        "spending_mgcoin_per_hour",
      ]
    )
    #expect(output.text.contains("Balance        12.500 G-coin"))
  }

  @Test("A session has the contract's members and more evidence, and its ledger when it is shown")
  func session() {
    let members = [
      "game_session_id", "cafe_id", "pc_id", "game_id", "provider_user_id", "external_ip",
      "launcher_session_id", "rate_mgcoin_per_hour", "state", "started_at", "first_heartbeat_at",
      "last_heartbeat_at", "ended_at", "end_reason", "play_duration_sec",
      "billable_sec", "unbilled_grace_sec", "held_sec", "charged_mgcoin",
    ]
    #expect(names(CommandOutput.sessions([Sample.session]).json[0] ?? nil) == members)
    #expect(names(CommandOutput.endedSession(Sample.session).json) == members)
    let shown = CommandOutput.session(Sample.session)
    #expect(names(shown.json) == members + ["ledger"])
    #expect(shown.text.contains("Played              1:02:03"))
    #expect(shown.text.contains("Charged             237.858 G-coin"))
    #expect(shown.text.contains("  9  1970-01-01T00:00:00.001Z  debit  -0.500   12.500"))
  }

  @Test("A new key and a new secret are shown with the hint that this is the only time")
  func secrets() async throws {
    let cafe = try #require(CafeID("a"))
    let secret = CommandOutput.issued(
      IssuedSecret(cafe: cafe, launcherSecret: Array(0..<32)),
      "Cafe a is created."
    )
    let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    #expect(secret.json == ["cafe_id": "a", "launcher_secret": .string(digits)])
    #expect(
      secret.text == """
        Cafe a is created.

        Launcher secret  \(digits)

        Keep the secret now: it is not shown again.
        """
    )
    let key = IssuedKey(game: Sample.game.game.id, keyID: "k2", apiKey: "pmk_abc")
    let issued = CommandOutput.issued(key, "Done.")
    #expect(issued.json["api_key"] == "pmk_abc")
    #expect(issued.json["game_id"] == "tower")
    #expect(issued.text.contains("API key  pmk_abc"))
  }

  @Test("A booking says whether it was applied")
  func bookings() throws {
    let cafe = try #require(CafeID("a"))
    let ref = try #require(BookingReference("INV-1"))
    let entry = BalanceEntry.topup(Money(milliGCoin: 12_500), ref: ref)
    let balance = Money(milliGCoin: 20_001)
    let first = CommandOutput.booking(
      Booking(balance: balance, isApplied: true),
      of: entry,
      for: cafe
    )
    #expect(first.json == ["cafe_id": "a", "balance_mgcoin": 20_001, "applied": true])
    #expect(
      first.text == "Booked 12.500 G-coin for cafe a as INV-1.\nThe balance is 20.001 G-coin."
    )
    let again = CommandOutput.booking(
      Booking(balance: balance, isApplied: false),
      of: entry,
      for: cafe
    )
    #expect(again.json["applied"] == false)
    #expect(again.text.hasPrefix("INV-1 was booked before with 12.500 G-coin; nothing is changed."))
  }

  @Test("A compensation says what it credited, and whether it did so before")
  func compensations() throws {
    let cafe = try #require(CafeID("a"))
    let ref = try #require(BookingReference("LAG-1"))
    let report = CompensationReport(
      balance: Money(milliGCoin: 20_001),
      isApplied: false,
      sessions: 3,
      credited: Money(milliGCoin: 2_500)
    )
    let output = CommandOutput.compensation(report, as: ref, for: cafe)
    #expect(
      output.json == [
        "cafe_id": "a", "balance_mgcoin": 20_001, "applied": false, "sessions": 3,
        "credited_mgcoin": 2_500,
      ]
    )
    #expect(output.text.hasPrefix("LAG-1 was credited before with 2.500 G-coin for 3 sessions;"))
  }

  @Test("A hold is told with its scope, and one that stood already is told so")
  func holds() throws {
    let cafe = try #require(CafeID("a"))
    let scope = HoldScope(cafe: cafe)
    #expect(CommandOutput.holds([]).text == "No hold is on.")
    let hold = HoldReport(scope: scope, since: Instant(milliseconds: 1000), partitions: 1)
    let list = CommandOutput.holds([hold])
    #expect(
      list.json == [["cafe_id": "a", "game_id": nil, "since_at": 1000, "partitions": 1]]
    )
    #expect(list.text.contains("1970-01-01T00:00:01.000Z"))
    let off = CommandOutput.hold(false, for: scope, isApplied: false)
    #expect(off.text == "The hold for cafe a was off already; nothing is changed.")
    #expect(off.json == ["cafe_id": "a", "game_id": nil, "on": false, "applied": false])
  }

  @Test("A check prints ok, or one line for each fault")
  func faults() {
    let fine = CommandOutput.check(faults: [], warnings: [])
    #expect(fine.text == "ok")
    #expect(fine.json == ["ok": true, "faults": [], "warnings": []])
    let wrong = CommandOutput.check(faults: ["a", "b\nc"], warnings: [])
    #expect(wrong.text == "fault: a\nfault: b\\nc")
    #expect(wrong.json == ["ok": false, "faults": ["a", "b\nc"], "warnings": []])
    let risky = CommandOutput.check(faults: [], warnings: ["w"])
    #expect(risky.text == "ok\nwarning: w")
    #expect(risky.json == ["ok": true, "faults": [], "warnings": ["w"]])
  }

  @Test("A name cannot steer the terminal that shows a table")
  func escapedCells() {
    let table = TextTable([.text("A"), .number("B")], [["x\u{1B}[2J\n", "1"]])
    #expect(table.text == "A             B\nx\\u{1b}[2J\\n  1")
  }

  private func names(_ json: JSONValue?) -> [String] {
    guard case .object(let members) = json else { return [] }
    return members.map(\.name)
  }
}
