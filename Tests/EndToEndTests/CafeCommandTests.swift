import Support
import Testing

/// `playmeter cafe …`: what the commands print with `--json`, and how they end.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct CafeCommandTests {
  private func run(_ words: String...) async throws -> CommandResult {
    try await Installation.shared.command(words + ["--json"])
  }

  private func expect(
    _ result: CommandResult,
    balance: Int,
    applied: Bool,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(result.status == 0, sourceLocation: location)
    #expect(try result.json.integer("balance_mgcoin") == balance, sourceLocation: location)
    #expect(try result.json.boolean("applied") == applied, sourceLocation: location)
  }

  @Test("A cafe is created once; its secret is printed then and never again")
  func create() async throws {
    let command = [
      "cafe", "create", "--id", "gangnam-01", "--name", "강남 1", "--cidr", "203.0.113.0/28",
      "--cidr", "2001:db8:7::/48", "--json",
    ]
    let stage = try Installation.shared
    let result = try await stage.command(command)
    #expect(result.status == 0)
    #expect(try result.json.string("cafe_id") == "gangnam-01")
    let secret = try result.json.string("launcher_secret")
    #expect(secret.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    #expect(try await stage.command(command).status == 1)

    let show = try await run("cafe", "show", "--id", "gangnam-01")
    #expect(show.status == 0)
    let cafe = try show.json
    #expect(try cafe.string("cafe_id") == "gangnam-01")
    #expect(try cafe.string("name") == "강남 1")
    let networks = try cafe.array("networks").map { try $0.string("") }
    #expect(networks == ["203.0.113.0/28", "2001:db8:7::/48"])
    #expect(try cafe.string("status") == "active")
    #expect(try cafe.integer("balance_mgcoin") == 0)
    #expect(try cafe.integer("live_sessions") == 0)
    #expect(try cafe.integer("spending_mgcoin_per_hour") == 0)
    let list = try await run("cafe", "list")
    #expect(try list.json.array().contains(cafe))
    #expect(!(show.standardOutput + list.standardOutput).contains(secret))
  }

  @Test("A top-up counts once for each reference")
  func topUp() async throws {
    let id = try await Installation.shared.cafe(balance: 0).id
    let first = try await run("cafe", "topup", "--id", id, "--amount", "12.345", "--ref", "INV-1")
    try expect(first, balance: 12_345, applied: true)
    #expect(try first.json.string("cafe_id") == id)
    let again = try await run("cafe", "topup", "--id", id, "--amount", "12.345", "--ref", "INV-1")
    try expect(again, balance: 12_345, applied: false)
    let more = try await run("cafe", "topup", "--id", id, "--amount", "0.001", "--ref", "INV-2")
    try expect(more, balance: 12_346, applied: true)
    let other = try await run("cafe", "topup", "--id", id, "--amount", "13", "--ref", "INV-1")
    #expect(other.status == 1)
    #expect(!other.standardError.isEmpty)
    let unknown = try await run("cafe", "topup", "--id", "none", "--amount", "1", "--ref", "r")
    #expect(unknown.status == 1)
  }

  @Test("A reference counts for each cafe by itself, and for corrections too")
  func references() async throws {
    let stage = try Installation.shared
    let (one, two) = (try await stage.cafe(balance: 0).id, try await stage.cafe(balance: 0).id)
    for id in [one, two] {
      let result = try await run("cafe", "topup", "--id", id, "--amount", "1", "--ref", "same")
      try expect(result, balance: 1_000, applied: true)
    }
    let words = ["cafe", "adjust", "--id", one, "--amount", "1", "--ref", "same"]
    let taken = try await stage.command(words + ["--reason", "a test", "--json"])
    #expect(taken.status == 1)
  }

  @Test("A correction goes up or down, once for each reference, and never below zero")
  func adjust() async throws {
    let id = try await Installation.shared.cafe(balance: 1_000).id
    let words = ["cafe", "adjust", "--id", id, "--reason", "paid twice", "--json"]
    let stage = try Installation.shared
    let down = try await stage.command(words + ["--amount=-0.4", "--ref", "a"])
    try expect(down, balance: 600, applied: true)
    let again = try await stage.command(words + ["--amount", "-0.4", "--ref", "a"])
    try expect(again, balance: 600, applied: false)
    let up = try await stage.command(words + ["--amount", "0.1", "--ref", "b"])
    try expect(up, balance: 700, applied: true)
    #expect(try await stage.command(words + ["--amount=-0.701", "--ref", "c"]).status == 1)
    #expect(try await stage.command(words + ["--amount", "0", "--ref", "d"]).status == 2)
    try expect(
      try await stage.command(words + ["--amount=-0.7", "--ref", "c"]),
      balance: 0,
      applied: true
    )
  }

  @Test("A suspension admits nobody new and leaves live sessions alone, unless told otherwise")
  func suspend() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    let play = try await cafe.play()
    let suspended = try await run("cafe", "suspend", "--id", cafe.id)
    #expect(suspended.status == 0)
    #expect(try suspended.json.string("status") == "suspended")
    #expect(try suspended.json.integer("live_sessions") == 1)
    try await stage.send(cafe.signedStart(pc: "PC-2")).refusal(403, "CAFE_SUSPENDED")
    _ = try await play.beat().success()

    let resumed = try await run("cafe", "resume", "--id", cafe.id)
    #expect(try resumed.json.string("status") == "active")
    _ = try await cafe.startLauncher(pc: "PC-2")

    let ended = try await run("cafe", "suspend", "--id", cafe.id, "--end-sessions")
    #expect(try ended.json.integer("live_sessions") == 0)
    #expect(try await play.report().string("end_reason") == "operator")
    #expect(try await run("cafe", "suspend", "--id", "none").status == 1)
    #expect(try await run("cafe", "resume", "--id", "none").status == 1)
  }

  @Test("A command without its Redis fails soon and says so")
  func redisAway() async throws {
    var environment = try Installation.shared.environment
    environment["PLAYMETER_REDIS_URL"] = "unix:///nonexistent/redis.sock"
    let result = try await ServiceProcess.runCommand(
      ["cafe", "list", "--json"],
      environment: environment,
      within: .seconds(10)
    )
    #expect(result.status == 1)
    #expect(result.standardOutput.isEmpty)
    #expect(result.standardError.contains("Redis"))
  }
}
