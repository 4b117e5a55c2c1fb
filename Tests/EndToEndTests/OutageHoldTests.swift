import Domain
import Support
import Testing

/// The service is really stopped and started, with its default outage hold of 60 s; and what
/// operators do about times that nobody is to pay.
@Suite(.timeLimit(.minutes(15)))
struct OutageHoldTests {
  private static let settings = ["PLAYMETER_OUTAGE_HOLD": "60s"]

  @Test("Whoever played when the service stopped plays on after it, and pays nothing for the gap")
  func restart() async throws {
    try await Installation.open(settings: Self.settings) { first in
      let cafe = try await first.cafe()
      let before = try await cafe.play(first.tower)
      first.pass(seconds: 30)
      try await before.beatBoth()
      #expect(try await first.service.terminate() == 0)
      first.redis.clock.advance(by: .milliseconds(600_500))
      let next = try await ServiceProcess.start(environment: first.environment)
      let stage = first.through(next)
      #expect(try await stage.beat(before.id, first.tower).success().string("result") == "OK")
      #expect(try await stage.launcherBeat(before.launcher).success().string("result") == "OK")
      let result = try await stage.command(["session", "show", before.id, "--json"])
      let held = try result.json.integer("held_sec")
      #expect((600...602).contains(held))
      let final = try await stage.end(before.id, first.tower).success()
        .integer("play_duration_sec")
      let report = try await stage.admin("GET", "/sessions/\(before.id)").success()
      #expect(try report.integer("held_sec") == held)
      #expect(try report.integer("billable_sec") == final - held)
      #expect(try report.integer("charged_mgcoin") == (final - held) * 10)
      try await stage.audit()
      #expect(try await next.terminate() == 0)
    }
  }

  @Test("A hold by hand is switched on, listed and switched off, by command and over HTTP")
  func byHand() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe("north")
      let play = try await cafe.play(stage.tower)
      let on = try await stage.command(["hold", "on", "--cafe", "north", "--json"])
      #expect(try on.json.boolean("applied"))
      stage.pass(seconds: 1000)
      let holds = try await stage.admin("GET", "/holds").success().array("holds")
      #expect(try holds.map { try $0.string("cafe_id") } == ["north"])
      #expect(try await stage.admin("DELETE", "/holds?cafe=north").success().boolean("applied"))
      let list = try await stage.command(["hold", "list", "--json"])
      #expect(try list.json.array().isEmpty)
      try await play.beatBoth()
      let report = try await play.report()
      // The clock passes 1000 s since the last time it was moved, commands before that included.
      let off = try #require(try await stage.lines(of: cafe).last { $0.kind == .holdOff })
      let from = try #require(off.integer("held_from"))
      let held = try #require(off.integer("held_until")) - from
      #expect(held > 900_000)
      #expect(try report.integer("held_sec") == (held + 999) / 1000)
      #expect(try report.integer("charged_mgcoin") <= 50)
      let unknown = try await stage.command(["hold", "on", "--game", "nothing"])
      #expect(unknown.status == 1)
    }
  }

  @Test("A compensation is credited once, by command and over HTTP")
  func compensation() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe("north")
      let play = try await cafe.play(stage.tower)
      stage.pass(seconds: 100)
      let seconds = try await play.end().success().integer("play_duration_sec")
      let credited = seconds * 10 * 25 / 100
      let command = [
        "cafe", "compensate", "--id", "north", "--from", "2020-01-01T00:00:00Z",
        "--to", "2100-01-01T00:00:00Z", "--percent", "25", "--ref", "LAG-1", "--json",
      ]
      let first = try await stage.command(command)
      #expect(first.status == 0)
      #expect(try first.json.boolean("applied"))
      #expect(try first.json.integer("credited_mgcoin") == credited)
      let json = #"{"from":"2020-01-01T00:00:00Z","to":4102444800000,"percent":25,"ref":"LAG-1"}"#
      let again = try await stage.admin("POST", "/cafes/north/compensations", json).success()
      #expect(try !again.boolean("applied"))
      #expect(try again.integer("credited_mgcoin") == credited)
      #expect(try await cafe.balance() == 1_000_000 - seconds * 10 + credited)
    }
  }
}
