import Support
import Testing

/// Why a PC was billed, also when the records of its sessions have expired.
@Suite(
  .serialized,
  .timeLimit(.minutes(15)),
  .installation(settings: ["PLAYMETER_SESSION_RECORD_RETENTION": "10m"])
)
struct EvidenceTests {
  private func list(_ words: [String]) async throws -> [JSONView] {
    let stage = try Installation.shared
    let result = try await stage.command(["session", "list", "--json"] + words)
    #expect(result.status == 0, "\(result.standardError)")
    return try result.json.array()
  }

  @Test("A session looks the same from its record and from the ledger after it")
  func afterRetention() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let play = try await cafe.play(stage.tower, pc: "PC-7")
    stage.pass(seconds: 60)
    try await play.beatBoth()
    stage.pass(seconds: 30)
    _ = try await play.end().success()
    let before = try await play.report()
    #expect(try before.integer("first_heartbeat_at") == before.integer("last_heartbeat_at"))
    #expect(try before.integer("started_at") < before.integer("first_heartbeat_at"))
    let start = try before.integer("started_at")
    let during = ["--from", String(start + 20_000), "--to", String(start + 40_000)]
    let place = ["--cafe", cafe.id, "--pc", "PC-7"]
    let listed = try await list(place + during)
    #expect(listed.count == 1)

    stage.pass(seconds: 900)
    #expect(try await stage.pttl(cafe.key("record:\(play.id)")) == -2)
    #expect(try await play.report() == before)
    #expect(try await list(place + during) == listed)
    #expect(try await list(["--cafe", cafe.id, "--pc", "PC-8"] + during) == [])
    let later = ["--from", String(start + 100_000), "--to", String(start + 200_000)]
    #expect(try await list(place + later) == [])
    #expect(try await list(["--cafe", cafe.id]) == [])
    let text = try await stage.command(["session", "show", play.id]).standardOutput
    for word in ["PC-7 (\(Cafe.address))", "First heartbeat", "normal", "debit", "tower"] {
      #expect(text.contains(word))
    }
  }

  @Test("Pages go from the living over the records into the ledger, and miss none")
  func pages() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    var ids: [String] = []
    for _ in 0..<3 {
      let play = try await cafe.play(stage.tower)
      stage.pass(seconds: 10)
      _ = try await play.end().success()
      ids.append(play.id)
    }
    stage.pass(seconds: 900)
    for _ in 0..<2 {
      let play = try await cafe.play(stage.tower)
      stage.pass(seconds: 10)
      _ = try await play.end().success()
      ids.append(play.id)
    }
    let live = try await cafe.play(stage.tower)
    var found: [String] = []
    var cursor = ""
    repeat {
      let path = "/sessions?cafe=\(cafe.id)&from=0&limit=1\(cursor)"
      let page = try await stage.admin("GET", path).success()
      found += try page.array("sessions").map { try $0.string("game_session_id") }
      cursor = try page.isNull("next_cursor") ? "" : "&cursor=\(page.string("next_cursor"))"
    } while !cursor.isEmpty && found.count < 20
    #expect(found == [live.id] + ids.reversed())
    _ = try await live.end().success()
  }

  @Test("Identifiers that no ledger knows stay unknown")
  func unknown() async throws {
    let stage = try Installation.shared
    let id = "gs_00010000-0000-8000-8000-000000000000"
    try await stage.admin("GET", "/sessions/\(id)").refusal(404, "SESSION_NOT_FOUND")
    #expect(try await stage.command(["session", "show", id]).status == 1)
  }
}
