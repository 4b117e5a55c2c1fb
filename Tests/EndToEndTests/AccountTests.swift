import Domain
import Foundation
import Support
import Testing

/// `playmeter settle` and `playmeter reconcile`, and that the administration over HTTP tells the
/// same.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct AccountTests {
  private static let settings = ["PLAYMETER_RECONCILE_INTERVAL": "off"]

  private func open(
    _ more: [String: String] = [:],
    _ body: (Installation) async throws -> Void
  ) async throws {
    try await Installation.open(settings: Self.settings.merging(more) { $1 }, body)
  }

  @Test("A session over a month's end in Seoul is split there, and every refusal before that")
  func monthsEnd() async throws {
    try await open { stage in
      let (month, end) = try await stage.goToMonthsEnd(secondsBefore: 300)
      let cafe = try await stage.cafe()
      let play = try await cafe.play(stage.tower)
      try await stage.expectRefusal(of: month, "is not over")
      // Beats at 120 s and 240 s; 300.5 s are played when the month ends.
      for _ in 0..<2 { try await stage.pass(seconds: 120, of: play) }
      stage.pass(seconds: 70)
      try await play.waitUntilBilled(atLeast: 310)
      try await stage.expectRefusal(of: month, "is not decided: 1 sessions", play.id)
      try await stage.pass(seconds: 50, of: play)
      let settled = try await stage.settle(month, cafe)
      let start = try await play.report().integer("started_at")
      let seconds = (end - start) / 1000
      #expect((299...301).contains(seconds))
      #expect(settled == "\(cafe.id),tower,1,\(seconds),\(seconds),0,0,\(seconds)0,0,\(seconds)0")

      // The last beats come at 480 s; what is debited beyond them is credited back.
      try await stage.pass(seconds: 120, of: play)
      stage.pass(seconds: 61)
      try await play.waitUntilBilled(atLeast: 541)
      stage.pass(seconds: 180)
      try await play.waitUntil("ended")
      #expect(try await play.report().integer("billable_sec") == 480)
      #expect(try await stage.settle(month, cafe) == settled)
      let rest = 480 - seconds
      let next = try await stage.settle(month.next, cafe, ["--preview"])
      let report = try await play.report().array("ledger")
      let reversed = report.map { (try? $0.integer("amount_mgcoin")) ?? 0 }.filter { $0 > 0 }
      let back = reversed.reduce(0, +)
      #expect(back >= 610)
      #expect(next == "\(cafe.id),tower,0,\(rest),\(rest),0,0,\(rest * 10 + back),\(back),\(rest)0")
    }
  }

  @Test("A settlement looks the same at every run, in every form and over HTTP")
  func forms() async throws {
    try await open { stage in
      let (month, _) = try await stage.goToMonthsEnd(secondsBefore: 300)
      let cafe = try await stage.cafe()
      for (game, pc) in [(stage.tower, "PC-1"), (stage.skyfall, "PC-2")] {
        let play = try await cafe.play(game, pc: pc)
        stage.pass(seconds: 30)
        _ = try await play.end().success()
      }
      stage.pass(seconds: 300)
      let command = ["settle", "--month", month.description]
      for form in [[], ["--format", "csv"], ["--json"], ["--game", "tower", "--format", "csv"]] {
        let first = try await stage.command(command + form)
        let second = try await stage.command(command + form)
        #expect(first.status == 0)
        #expect(first.standardOutput == second.standardOutput)
        #expect(!first.standardOutput.isEmpty)
      }
      let rows = try await stage.command(command + ["--json"]).json
      #expect(try rows.array().map { try $0.string("game_id") } == ["skyfall", "tower"])
      let answer = try await stage.admin("GET", "/settlements/\(month)").success()
      #expect(try answer.value("settlements") == rows)
      #expect(try answer.string("time_zone") == "Asia/Seoul")
      let some = try await stage.admin("GET", "/settlements/\(month)?game=tower").success()
      #expect(try some.array("settlements") == [try rows.value("1")])
      let early = try await stage.admin("GET", "/settlements/\(month.next)")
      try early.refusal(409, "CONFLICT")
      let preview = "/settlements/\(month.next)?preview=true"
      #expect(try await stage.admin("GET", preview).success().array("settlements").isEmpty)
    }
  }

  @Test("What is right is clean, with sessions that live and end while it is read")
  func clean() async throws {
    try await open { stage in
      let cafe = try await stage.cafe()
      let ended = try await cafe.play(stage.tower)
      stage.pass(seconds: 70)
      _ = try await ended.end().success()
      let live = try await cafe.play(stage.skyfall, pc: "PC-2")
      stage.pass(seconds: 70)
      // Both look at the same ledger: the debit that is due is in it.
      try await Waiting.until("the debit", within: .seconds(30)) {
        try await live.report().integer("billable_sec") >= 70
      }
      let result = try await stage.command(["reconcile", "--json"])
      #expect(result.status == 0)
      #expect(try result.json.integer("sessions_checked") == 1)
      #expect(try result.json.integer("cafes_checked") == 1)
      #expect(try result.json.integer("residual_mgcoin") == 0)
      #expect(try result.json.array("findings").isEmpty)
      #expect(try await stage.admin("GET", "/reconciliation").success() == result.json)
      _ = try await live.end().success()
    }
  }

  @Test("What is right stays clean while it is written")
  func busy() async throws {
    try await open { stage in
      let cafes = [try await stage.cafe(), try await stage.cafe(), try await stage.cafe()]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (cafe, pc) in cafes.flatMap({ cafe in (1...3).map { (cafe, "PC-\($0)") } }) {
          group.addTask {
            for _ in 0..<12 {
              let launcher = try await cafe.startLauncher(pc: pc)
              for game in [stage.tower, stage.skyfall] {
                let data = try await stage.verify(try await launcher.ott(game), game).success()
                let id = try data.string("game_session_id")
                _ = try await stage.end(id, game).success()
              }
            }
          }
        }
        for _ in 0..<15 {
          let result = try await stage.admin("GET", "/reconciliation").success()
          #expect(try result.array("findings").isEmpty, "\(result)")
        }
        try await group.waitForAll()
      }
      let result = try await stage.reconcile()
      #expect(result.status == 0)
      #expect(try result.json.integer("sessions_checked") == 9 * 12 * 2)
    }
  }

  @Test("A falsified balance is found, nothing is settled, and it is clean again when it is right")
  func balance() async throws {
    try await open { stage in
      let cafe = try await stage.cafe()
      try await cafe.falsify(by: 5)
      let result = try await stage.reconcile()
      #expect(result.status == 1)
      #expect(try result.json.integer("residual_mgcoin") == 5)
      #expect(try stage.findings(result) == ["I2 \(cafe.id)"])
      let settle = try await stage.command(["settle", "--month", "2026-01"])
      #expect(settle.status == 1)
      #expect(settle.standardOutput == "")
      #expect(settle.standardError.contains("1 findings, residual 5 mgcoin"))
      try await cafe.falsify(by: -5)
      #expect(try await stage.reconcile().status == 0)
      #expect(try await stage.command(["settle", "--month", "2026-01"]).status == 0)
    }
  }

  @Test(
    "A ledger with a gap is no fault of ours: the partition, the archive and a remedy are named"
  )
  func gap() async throws {
    try await open { stage in
      let cafe = try await stage.cafe()
      try await stage.waitUntilArchived()
      #expect(try await stage.service.terminate() == 0)
      let (archive, away) = (stage.redis.archivePath, stage.redis.archivePath + ".away")
      try FileManager.default.moveItem(atPath: archive, toPath: away)
      _ = try await stage.redis.raw("XTRIM \(try cafe.key("ledger")) MAXLEN 1")
      let result = try await stage.command(["reconcile"])
      #expect(result.status == 1)
      let partition = try #require(try await stage.lines(of: cafe).last).partition.number
      #expect(result.standardError.contains("the ledger of partition \(partition) has lines that"))
      #expect(result.standardError.contains("put the missing files back"))
      #expect(!result.standardError.contains("internal fault"))
      try FileManager.default.moveItem(atPath: away, toPath: archive)
      #expect(try await stage.reconcile().status == 0)
    }
  }

  @Test("A removed line and a doubled end are found with the lines and the session to look at")
  func lines() async throws {
    // An archive would know the line that was removed, and that the doubled one is gone again.
    let alone = ["PLAYMETER_ARCHIVE_DIRECTORY": "", "PLAYMETER_REDIS_DURABILITY": "relaxed"]
    try await open(alone) { stage in
      let cafe = try await stage.cafe()
      let play = try await cafe.play(stage.tower)
      stage.pass(seconds: 30)
      _ = try await play.end().success()
      let key = try cafe.key("ledger")
      let lines = try await stage.lines(of: cafe)
      let end = try #require(lines.last)
      let debit = lines[lines.count - 2]
      #expect((debit.text("kind"), end.text("kind")) == ("debit", "end"))
      let name = "p\(end.partition.number)#"
      _ = try await stage.redis.raw("COPY \(key) \(key):kept")

      _ = try await stage.redis.raw("XDEL \(key) \(debit.streamID)")
      let removed = try await stage.reconcile()
      #expect(removed.status == 1)
      let place = name + String(end.sequence)
      #expect(
        try stage.findings(removed) == [
          "I2 \(cafe.id)", "I3 \(play.id) \(place)", "I6 \(play.id) \(place)", "ledger \(place)",
        ]
      )
      #expect(try removed.json.integer("residual_mgcoin") == 600)

      _ = try await stage.redis.raw("COPY \(key):kept \(key) REPLACE")
      let again = end.sequence + 1
      _ = try await stage.append(end, number: again, to: key)
      let doubled = try await stage.reconcile()
      #expect(doubled.status == 1)
      let second = name + String(again)
      let found = try stage.findings(doubled)
      #expect(found == ["I6 \(play.id) \(second)", "ledger \(second)"])

      _ = try await stage.redis.raw("COPY \(key):kept \(key) REPLACE")
      _ = try await stage.redis.raw("DEL \(key):kept")
      #expect(try await stage.reconcile().status == 0)
    }
  }

  @Test("A session that Redis holds half of is found")
  func halves() async throws {
    try await open { stage in
      let cafe = try await stage.cafe()
      let play = try await cafe.play(stage.tower)
      let live = try cafe.key("live:\(cafe.id)")
      _ = try await stage.redis.raw("SREM \(live) \(play.id)")
      let unlisted = try await stage.reconcile()
      #expect(try stage.findings(unlisted) == ["I9 \(cafe.id)", "I9 \(play.id) \(cafe.id)"])
      _ = try await stage.redis.raw("SADD \(live) \(play.id)")
      _ = try await play.end().success()
      let due = try cafe.key("due")
      // Far in the future, so that the worker does not clear it away meanwhile.
      _ = try await stage.redis.raw("ZADD \(due) 9000000000000 \(play.id)")
      let left = try await stage.reconcile()
      #expect(try stage.findings(left) == ["I9 \(play.id)"])
      _ = try await stage.redis.raw("ZREM \(due) \(play.id)")
      #expect(try await stage.reconcile().status == 0)
    }
  }
}

@Suite(.timeLimit(.minutes(15)))
struct ReconcileWorkerTests {
  @Test("The service reconciles by itself and names what it finds")
  func worker() async throws {
    try await Installation.open(settings: ["PLAYMETER_RECONCILE_INTERVAL": "1s"]) { stage in
      let cafe = try await stage.cafe()
      try await Waiting.until("a clean ledger", within: .seconds(20)) {
        stage.service.logLines.contains { $0.has("message", "reconciled", "cafes_checked", "1") }
      }
      try await cafe.falsify(by: 5)
      stage.pass(seconds: 2)
      try await Waiting.until("a finding", within: .seconds(20)) {
        stage.service.logLines.contains { $0.has("message", "finding", "ids", cafe.id) }
      }
      try await cafe.falsify(by: -5)
    }
  }
}

extension JSONView {
  /// Whether two members have these texts.
  fileprivate func has(_ name: String, _ text: String, _ other: String, _ value: String) -> Bool {
    (try? string(name)) == text && (try? string(other)) == value
  }
}
