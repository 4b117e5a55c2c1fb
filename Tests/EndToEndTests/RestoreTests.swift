import Foundation
import Support
import Testing

/// A Redis that went back in time is brought up to the archive.
@Suite(.timeLimit(.minutes(15)))
struct RestoreTests {
  private func restore(
    _ stage: Installation,
    _ options: [String] = [],
    from path: String? = nil
  ) async throws -> JSONView {
    var environment = stage.environment
    if let path { environment["PLAYMETER_ARCHIVE_DIRECTORY"] = path }
    let command = ["ledger", "restore", "--json"] + options
    let result = try await ServiceProcess.runCommand(command, environment: environment)
    #expect(result.status == 0, "\(result.standardError)")
    return try result.json
  }

  /// What an operator sees of everything that must survive.
  private func view(_ stage: Installation, ended: Play) async throws -> [String] {
    var texts: [String] = []
    for command in [["cafe", "list"], ["game", "list"], ["session", "show", ended.id]] {
      let result = try await stage.command(command)
      #expect(result.status == 0, "\(result.standardError)")
      texts.append(result.standardOutput)
    }
    return texts
  }

  @Test("Cafes, games, balances, ended and live sessions come back, and live ones go on")
  func everything() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe(balance: 900_000)
      let ended = try await cafe.play(pc: "PC-1")
      stage.pass(seconds: 90)
      _ = try await ended.beat().success()
      _ = try await ended.end().success()
      try await stage.waitUntilArchived()
      let earlier = stage.redis.archivePath + "-earlier"
      try FileManager.default.copyItem(atPath: stage.redis.archivePath, toPath: earlier)

      _ = try await cafe.topUp(5_000, ref: "second")
      let live = try await cafe.play(stage.tower, pc: "PC-2")
      stage.pass(seconds: 100)
      try await live.beatBoth()
      try await live.waitUntilBilled(100)
      try await stage.waitUntilArchived()
      #expect(try await stage.service.terminate() == 0)
      let before = try await view(stage, ended: ended)
      let balance = try await stage.command(["cafe", "show", "--id", cafe.id, "--json"]).json
        .integer("balance_mgcoin")
      _ = try await stage.redis.raw("FLUSHALL")

      #expect(try await restore(stage, ["--dry-run"]).integer("lines") > 5)
      #expect(try await stage.redis.raw("DBSIZE") == ":1\r\n")
      // An old replica knows only the beginning.
      #expect(try await restore(stage, from: earlier).integer("lines") > 3)
      #expect(try await restore(stage, from: earlier).integer("lines") == 0)
      #expect(try await restore(stage).integer("lines") > 2)
      #expect(try await restore(stage).integer("lines") == 0)
      let restored = try await stage.command(["cafe", "show", "--id", cafe.id, "--json"]).json
      #expect(try restored.integer("balance_mgcoin") == balance)
      #expect(try await view(stage, ended: ended) == before)

      let service = try await ServiceProcess.start(environment: stage.environment)
      let again = stage.through(service)
      try await again.audit()
      stage.pass(seconds: 100)
      let beat = try await again.beat(live.id, stage.tower).success()
      #expect(try beat.string("result") == "OK")
      #expect(try beat.integer("play_duration_sec") == 200)
      _ = try await again.end(live.id, stage.tower).success()
      let paid = try await stage.command(["cafe", "show", "--id", cafe.id, "--json"]).json
      #expect(try paid.integer("balance_mgcoin") == balance - 1_000)
      // References are never forgotten.
      let topup = ["cafe", "topup", "--id", cafe.id, "--amount", "5", "--ref", "second", "--json"]
      #expect(try await stage.command(topup).json.boolean("applied") == false)
      try await again.audit()
      #expect(try await service.terminate() == 0)
    }
  }

  @Test("A Redis that has gone on differently is refused, and nothing is changed")
  func diverged() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe(balance: 1_000)
      try await stage.waitUntilArchived()
      let archived = stage.redis.archivePath
      #expect(try await stage.service.terminate() == 0)
      _ = try await stage.redis.raw("FLUSHALL")
      // Somebody worked on the empty Redis with another archive, or none.
      var environment = stage.environment
      environment["PLAYMETER_ARCHIVE_DIRECTORY"] = archived + "-other"
      let create = ["cafe", "create", "--id", cafe.id, "--name", "Other", "--cidr", "10.0.0.0/8"]
      #expect(try await ServiceProcess.runCommand(create, environment: environment).status == 0)
      let result = try await stage.command(["ledger", "restore"])
      #expect(result.status == 1)
      #expect(result.standardError.contains("another seq"))
      try FileManager.default.removeItem(atPath: archived)
    }
  }
}
