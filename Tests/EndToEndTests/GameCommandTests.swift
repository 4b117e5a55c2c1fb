import Support
import Testing

/// `playmeter game …` and `playmeter check`: what they print with `--json`, and how they end.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct GameCommandTests {
  private func run(_ words: String...) async throws -> CommandResult {
    try await Installation.shared.command(words + ["--json"])
  }

  private func create(_ id: String, rate: String = "230") async throws -> CommandResult {
    try await run("game", "create", "--id", id, "--name", "A game", "--rate", rate)
  }

  @Test("A game is created once; its key is printed then and never again")
  func create() async throws {
    let first = try await create("created")
    #expect(first.status == 0)
    #expect(try first.json.string("game_id") == "created")
    let key = try first.json.string("api_key")
    #expect(key.utf8.count >= 32)
    let second = try await create("created")
    #expect(second.status == 1)
    #expect(second.standardOutput.isEmpty)
    #expect(second.standardError.contains("created"))
    let list = try await run("game", "list")
    #expect(!list.standardOutput.contains(key))
  }

  @Test(
    "A rate is from 0.06 to 100,000 G-coin an hour with up to three decimals",
    arguments: [
      ("0.06", 0), ("100000", 0), ("12.345", 0), ("0.059", 2), ("0", 2), ("-1", 2),
      ("100000.001", 2), ("1.2345", 2), ("1e3", 2), ("many", 2), ("1,5", 2),
    ]
  )
  func rate(text: String, status: Int32) async throws {
    let id = "rate-" + text.lowercased().map { $0.isNumber ? String($0) : "-" }.joined()
    let result = try await Installation.shared.command(
      ["game", "create", "--id", id, "--name", "A game", "--rate=\(text)", "--json"]
    )
    #expect(result.status == status)
    #expect(result.standardOutput.isEmpty == (status != 0))
  }

  @Test("The list is one array with every game")
  func list() async throws {
    let result = try await run("game", "list")
    #expect(result.status == 0)
    let games = try result.json.array()
    let tower = try #require(try games.first { try $0.string("game_id") == "tower" })
    #expect(try tower.string("name") == "Tower Run")
    #expect(try tower.integer("rate_mgcoin_per_hour") == 36_000)
    #expect(try tower.array("keys").count == 1)
  }

  @Test("A game's name, rate, link and admission can be changed, one by one or together")
  func update() async throws {
    _ = try await create("changed")
    let renamed = try await run("game", "update", "--id", "changed", "--name", "New")
    #expect(renamed.status == 0)
    #expect(try renamed.json.string("name") == "New")
    #expect(try renamed.json.integer("rate_mgcoin_per_hour") == 230_000)
    let words = ["game", "update", "--id", "changed", "--rate", "0.5", "--launch-url", "x://y"]
    let changed = try await Installation.shared.command(words + ["--disable", "--json"])
    #expect(try changed.json.integer("rate_mgcoin_per_hour") == 500)
    #expect(try changed.json.string("launch_url") == "x://y")
    #expect(try changed.json.boolean("enabled") == false)
    let enabled = try await run("game", "update", "--id", "changed", "--enable")
    #expect(try enabled.json.boolean("enabled"))
    #expect(try await run("game", "update", "--id", "nobody", "--enable").status == 1)
    #expect(try await run("game", "update", "--id", "changed").status == 2)
    let both = try await run("game", "update", "--id", "changed", "--enable", "--disable")
    #expect(both.status == 2)
  }

  @Test("Keys are added and revoked one by one")
  func keys() async throws {
    _ = try await create("keyed")
    let second = try await run("game", "rotate-key", "--id", "keyed")
    #expect(second.status == 0)
    #expect(try second.json.string("game_id") == "keyed")
    #expect(try !second.json.string("api_key").isEmpty)
    let list = try await run("game", "list").json.array()
    let game = try #require(try list.first { try $0.string("game_id") == "keyed" })
    let keys = try game.array("keys").map { try $0.string("key_id") }
    #expect(Set(keys).count == 2)
    #expect(try await run("game", "revoke-key", "--id", "keyed", "--key-id", keys[0]).status == 0)
    #expect(try await run("game", "revoke-key", "--id", "keyed", "--key-id", "none").status == 1)
    #expect(try await run("game", "revoke-key", "--id", "nobody", "--key-id", "x").status == 1)
    #expect(try await run("game", "rotate-key", "--id", "nobody").status == 1)
  }

  @Test(
    "Wrong usage ends with status 2 and says what is wrong on standard error",
    arguments: [
      ["nonsense"], ["game", "create"], ["game", "create", "--id", "x", "--name", "X"],
      ["game", "create", "--id", "Not A Slug", "--name", "X", "--rate", "1"],
      ["game", "list", "--nonsense"], ["cafe", "show"], ["session", "show"],
      ["cafe", "create", "--id", "x", "--name", "X", "--cidr", "203.0.113.1/24"],
      ["cafe", "topup", "--id", "x", "--amount", "1.2345", "--ref", "r"],
      ["cafe", "topup", "--id", "x", "--amount", "-1", "--ref", "r"],
      ["session", "list", "--from", "yesterday"],
    ]
  )
  func usage(words: [String]) async throws {
    let result = try await Installation.shared.command(words)
    #expect(result.status == 2)
    #expect(result.standardOutput.isEmpty)
    #expect(!result.standardError.isEmpty)
  }

  @Test("Help and no arguments at all are no failure")
  func help() async throws {
    let result = try await Installation.shared.command(["--help"])
    #expect(result.status == 0)
    for command in ["serve", "check", "game", "cafe", "session"] {
      #expect(result.standardOutput.contains(command))
    }
  }

  @Test("check says that Redis is away, or is divided otherwise")
  func check() async throws {
    let stage = try Installation.shared
    var environment = stage.environment
    environment["PLAYMETER_REDIS_URL"] = "unix:///nonexistent/redis.sock"
    let away = try await ServiceProcess.runCommand(["check", "--json"], environment: environment)
    #expect(away.status == 1)
    environment = stage.environment
    environment["PLAYMETER_PARTITIONS"] = "8"
    let other = try await ServiceProcess.runCommand(["check", "--json"], environment: environment)
    #expect(other.status == 1)
    #expect(other.standardOutput.contains("PLAYMETER_PARTITIONS"))
    environment["PLAYMETER_MASTER_KEY"] = "short"
    let wrong = try await ServiceProcess.runCommand(["check", "--json"], environment: environment)
    #expect(wrong.status == 1)
    #expect(wrong.standardOutput.contains("PLAYMETER_MASTER_KEY"))
  }
}
