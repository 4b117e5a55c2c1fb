import Support
import Testing

/// `playmeter session …`, and that the administration over HTTP tells the same.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct SessionCommandTests {
  /// What the contract lists for a session.
  private static let fields: Set = [
    "game_session_id", "cafe_id", "pc_id", "game_id", "provider_user_id", "external_ip", "state",
    "started_at", "last_heartbeat_at", "ended_at", "end_reason", "play_duration_sec",
    "billable_sec", "unbilled_grace_sec", "held_sec", "charged_mgcoin",
  ]

  private func run(_ words: String...) async throws -> CommandResult {
    try await Installation.shared.command(words + ["--json"])
  }

  private func ids(_ result: CommandResult) throws -> Set<String> {
    Set(try result.json.array().map { try $0.string("game_session_id") })
  }

  @Test("A live session is shown with everything that is known of it")
  func live() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play(stage.tower, pc: "PC-7")
    stage.pass(seconds: 60)
    try await play.beatBoth()
    let result = try await run("session", "show", play.id)
    #expect(result.status == 0)
    let session = try result.json
    #expect(try session.keys().isSuperset(of: Self.fields))
    #expect(try session.string("game_session_id") == play.id)
    #expect(try session.string("cafe_id") == play.launcher.cafe.id)
    #expect(try session.string("pc_id") == "PC-7")
    #expect(try session.string("game_id") == "tower")
    #expect(try session.string("provider_user_id") == Play.user)
    #expect(try session.string("external_ip") == Cafe.address)
    #expect(try session.string("state") == "running")
    let start = try session.integer("started_at")
    let beat = try session.integer("last_heartbeat_at")
    #expect((60_000...61_000).contains(beat - start))
    #expect(try session.isNull("ended_at") && session.isNull("end_reason"))
    #expect(try session.integer("held_sec") == 0)
    #expect(try session.integer("charged_mgcoin") == session.integer("billable_sec") * 10)
  }

  @Test("An operator ends a session once")
  func end() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play(stage.tower)
    stage.pass(seconds: 30)
    let result = try await run("session", "end", play.id)
    #expect(result.status == 0)
    let session = try result.json
    #expect(try session.keys().isSuperset(of: Self.fields))
    #expect(try session.string("state") == "ended")
    #expect(try session.string("end_reason") == "operator")
    #expect(try session.integer("ended_at") >= session.integer("started_at") + 30_000)
    #expect(try session.integer("play_duration_sec") == session.integer("billable_sec"))
    #expect(try await run("session", "end", play.id).status == 1)
    #expect(try await run("session", "end", "gs_x").status == 1)
    #expect(try await run("session", "show", "gs_x").status == 1)
    try await play.beat().refusal(410, "SESSION_ENDED")
  }

  @Test("The list is filtered by cafe, game, PC and time")
  func list() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let first = try await cafe.play(stage.tower, pc: "PC-1")
    _ = try await first.end().success()
    let firstEnd = try await first.report().integer("ended_at")
    stage.pass(seconds: 10)
    let second = try await cafe.play(stage.skyfall, pc: "PC-2")
    let other = try await stage.cafe().play(stage.tower, pc: "PC-1")
    let start = try await second.report().integer("started_at")

    let all = try await run("session", "list")
    #expect(try ids(all).isSuperset(of: [first.id, second.id, other.id]))
    #expect(try all.json.array().allSatisfy { try $0.keys().isSuperset(of: Self.fields) })
    let own = ["session", "list", "--cafe", cafe.id, "--json"]
    let filters: [([String], Set<String>)] = [
      ([], [first.id, second.id]),
      (["--game", "tower"], [first.id]),
      (["--pc", "PC-2"], [second.id]),
      (["--pc", "PC-3"], []),
      (["--from", String(firstEnd + 1)], [second.id]),
      (["--to", String(start)], [first.id]),
      (["--from", "1970-01-01T00:00:00Z", "--to", "1970-01-02T00:00:00+09:00"], []),
    ]
    for (words, expected) in filters {
      #expect(try await ids(stage.command(own + words)) == expected, "\(words)")
    }
  }

  @Test("Over HTTP the same session looks the same, with the ledger's lines")
  func overHTTP() async throws {
    let stage = try Installation.shared
    let play = try await stage.cafe().play(stage.tower)
    stage.pass(seconds: 30)
    _ = try await play.end().success()
    let command = try await run("session", "show", play.id).json
    #expect(try await play.report() == command)
    let kinds = try command.array("ledger").map { try $0.string("kind") }
    #expect(kinds == ["start", "debit", "end"])
    let debit = try command.value("ledger.1")
    #expect(try debit.integer("amount_mgcoin") == -300)
    #expect(try debit.integer("balance_mgcoin") == 1_000_000 - 300)
    #expect(try debit.integer("billed_sec") == 30)
    #expect(try debit.integer("session_seq") == 2)
    #expect(try command.string("ledger.2.reason") == "normal")
  }
}
