import ArgumentParser
import Domain
import Foundation
import HTTPAPI
import JSON
import Synchronization
import Testing

@testable import playmeter

@Suite("The commands for accounts")
struct AccountCommandTests {
  @Test(
    "Every command asks the accounts for what it says",
    arguments: [
      ("reconcile", "reconcile"),
      ("settle --month 2026-03", "settle 2026-03 - - false"),
      (
        "settle --month 2026-12 --preview --cafe a --game tower --format csv",
        "settle 2026-12 a tower true"
      ),
    ]
  )
  func calls(line: String, call: String) async throws {
    let books = Books()
    _ = try await command(line).output(from: books)
    #expect(books.calls == [call])
  }

  @Test("A settlement is a table in G-coin, or CSV or JSON in milli-G-coin")
  func formats() async throws {
    let table = try await output("settle --month 2026-03")
    #expect(
      table.text == """
        2026-03 (Asia/Seoul)
        CAFE   GAME   SESSIONS   PLAYED   BILLED    GRACE     HELD  DEBITED  REVERSED     NET
        a      tower         2  1:01:01  1:00:00  0:01:00  0:00:01   36.500     0.500  36.000
        b      sea           1  0:00:01  0:00:01  0:00:00  0:00:00    0.010     0.000   0.010
        total                3  1:01:02  1:00:01  0:01:00  0:00:01   36.510     0.500  36.010
        """
    )
    #expect(table.isGood)
    let csv = try await output("settle --month 2026-03 --format csv")
    #expect(
      csv.text == """
        cafe_id,game_id,sessions,play_duration_sec,billable_sec,unbilled_grace_sec,held_sec,\
        debited_mgcoin,reversed_mgcoin,net_mgcoin
        a,tower,2,3661,3600,60,1,36500,500,36000
        b,sea,1,1,1,0,0,10,0,10
        """
    )
    let json = try await output("settle --month 2026-03 --format json")
    #expect(json == (try await output("settle --month 2026-03 --json")))
    let rows = try JSONValue(bytes: Array(json.text.utf8))
    #expect(rows.array?.count == 2)
    #expect(rows[0]?["net_mgcoin"] == 36_000)
  }

  @Test("A month without play says so, and a preview that it is one")
  func empty() {
    let month = Month("2026-03")!
    let none = Settlement(
      month: month,
      timeZone: "UTC",
      bounds: Instant(milliseconds: 0)..<Instant(milliseconds: 1),
      isPreview: true,
      rows: []
    )
    #expect(none.table == "2026-03 (UTC), preview\nNothing was played.")
    #expect(none.csv.split(separator: "\n").count == 1)
    #expect(none.rowsJSON == [])
  }

  @Test("A reconciliation is good without findings and residual, and else lists what to look at")
  func reconciliation() async throws {
    let good = try await command("reconcile").output(from: Books(findings: []))
    #expect(good.isGood)
    #expect(!good.text.contains("RULE"))
    let finding = Finding(.balance, ["north", "p3#7"], "the balance is 5 mgcoin")
    let bad = try await command("reconcile").output(from: Books(findings: [finding]))
    #expect(!bad.isGood)
    #expect(bad.text.contains("Sessions checked  7"))
    #expect(bad.text.contains("I2    north p3#7  the balance is 5 mgcoin"))
    let json = try await command("reconcile --json").output(from: Books(findings: [finding]))
    #expect(!json.isGood)
    let document = try JSONValue(bytes: Array(json.text.utf8))
    #expect(document["sessions_checked"] == 7)
    #expect(document["findings"]?[0]?["ids"] == ["north", "p3#7"])
  }

  @Test("A residual alone is not good either")
  func residual() {
    var result = Reconciliation()
    #expect(result.isClean)
    result.residual = Money(milliGCoin: 1)
    #expect(!result.isClean)
  }

  @Test("What is no command or no value ends with 2 and says why")
  func misuse() async {
    for (line, part) in [
      ("settle", "--month"), ("settle --month 2026-13", "2026-03"),
      ("settle --month 26-03", "2026-03"), ("settle --month 2026-03 --format xml", "xml"),
      ("settle --month 2026-03 --json --format csv", "contradict"),
      ("settle --month 2026-03 --cafe A", "a-z"), ("reconcile now", "now"),
    ] {
      let ending = await Playmeter.ending(of: line.split(separator: " ").map(String.init))
      #expect(ending.status == 2, "\(line)")
      #expect(ending.complaint.contains(part), "\(line): \(ending.complaint)")
    }
  }

  @Test(
    "A month is bounded by the midnights of its time zone, summer time included",
    arguments: [
      ("2026-03", "Asia/Seoul", 1_772_290_800, 1_774_969_200),
      ("2026-03", "Europe/Berlin", 1_772_319_600, 1_774_994_400),
      ("2026-12", "UTC", 1_796_083_200, 1_798_761_600),
      ("2028-02", "UTC", 1_832_976_000, 1_835_481_600),
    ]
  )
  func bounds(text: String, zone: String, start: Int64, end: Int64) throws {
    let timeZone = try #require(TimeZone(identifier: zone))
    let month = try #require(Month(text))
    let bounds = try #require(month.bounds(in: timeZone))
    #expect(bounds.lowerBound.milliseconds == start * 1000)
    #expect(bounds.upperBound.milliseconds == end * 1000)
  }

  @Test(
    "A time zone or an interval that is none stops the start",
    arguments: [
      ("PLAYMETER_SETTLEMENT_TIME_ZONE", "Asia/Soul"), ("PLAYMETER_SETTLEMENT_TIME_ZONE", "KST"),
      ("PLAYMETER_SETTLEMENT_TIME_ZONE", "+09:00"), ("PLAYMETER_RECONCILE_INTERVAL", "0s"),
      ("PLAYMETER_RECONCILE_INTERVAL", "31d"), ("PLAYMETER_RECONCILE_INTERVAL", "never"),
    ]
  )
  func faults(name: String, value: String) {
    let faults = Given.faults([name: value])
    #expect(faults.count == 1)
    #expect(faults.first?.contains(name) == true)
  }

  private func output(_ line: String) async throws -> AccountingOutput {
    try await command(line).output(from: Books())
  }

  private func command(_ line: String) throws -> any AccountingCommand {
    let words = line.split(separator: " ").map(String.init)
    return try #require(try Playmeter.parseAsRoot(words) as? any AccountingCommand)
  }
}

/// Accounts with two rows, that remember what they were asked.
private final class Books: Accounting {
  private let findings: [Finding]
  private let asked = Mutex<[String]>([])

  init(findings: [Finding] = []) { self.findings = findings }

  var calls: [String] { asked.withLock { $0 } }

  func reconcile() async throws(AdministrationError) -> Reconciliation {
    asked.withLock { $0.append("reconcile") }
    var result = Reconciliation()
    result.sessionsChecked = 7
    for finding in findings { result.add(finding) }
    return result
  }

  func settle(_ request: SettlementRequest) async throws(AdministrationError) -> Settlement {
    let (cafe, game) = (request.cafe?.text ?? "-", request.game?.text ?? "-")
    asked.withLock {
      $0.append("settle \(request.month) \(cafe) \(game) \(request.isPreview)")
    }
    return Settlement(
      month: request.month,
      timeZone: "Asia/Seoul",
      bounds: Instant(milliseconds: 0)..<Instant(milliseconds: 1),
      isPreview: request.isPreview,
      rows: [
        row("a", "tower", [2, 3661, 3600, 60, 1, 36_500, 500]),
        row("b", "sea", [1, 1, 1, 0, 0, 10, 0]),
      ]
    )
  }

  private func row(_ cafe: String, _ game: String, _ numbers: [Int64]) -> Settlement.Row {
    var totals = Settlement.Totals()
    totals.sessions = numbers[0]
    totals.playSeconds = numbers[1]
    totals.billableSeconds = numbers[2]
    totals.unbilledGraceSeconds = numbers[3]
    totals.heldSeconds = numbers[4]
    totals.debited = Money(milliGCoin: numbers[5])
    totals.reversed = Money(milliGCoin: numbers[6])
    return Settlement.Row(cafe: cafe, game: game, totals: totals)
  }
}
