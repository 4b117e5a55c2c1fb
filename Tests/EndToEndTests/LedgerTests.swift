import Archive
import Domain
import Foundation
import Ledger
import RedisStore
import Support
import Testing

@testable import playmeter

/// The ledger outside Redis: archived, exported, verified, and the proof against a Redis that went
/// back in time.
@Suite(.timeLimit(.minutes(15)))
struct LedgerTests {
  /// A cafe whose player has played for a while and ended.
  private func playSomething(_ stage: Installation) async throws {
    let play = try await stage.cafe().play()
    stage.pass(seconds: 90)
    _ = try await play.beat().success()
    _ = try await play.end().success()
  }

  private func export(_ stage: Installation, _ options: [String] = []) async throws -> String {
    let result = try await stage.command(["ledger", "export"] + options)
    #expect(result.status == 0, "\(result.standardError)")
    return result.standardOutput
  }

  private func verify(_ text: String) async throws -> CommandResult {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/export.jsonl"
    try Data(text.utf8).write(to: URL(filePath: path))
    return try await ServiceProcess.runCommand(["ledger", "verify", path], environment: [:])
  }

  @Test("An export is complete and can be verified by anyone; a forged one is found")
  func export() async throws {
    try await Installation.open { stage in
      try await playSomething(stage)
      let text = try await export(stage)
      let lines = text.split(separator: "\n")
      #expect(lines.contains { $0.contains(#""kind":"end""#) })
      #expect(lines.contains { $0.contains(#""kind":"game_created""#) })
      let result = try await verify(text)
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardOutput.contains("\(lines.count) lines"))
      #expect(result.standardOutput.contains("complete"))

      let forged = text.replacing(#""kind":"debit","#, with: #""kind":"topup","#)
      let refused = try await verify(forged)
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("the hash does not fit"))
      let shortened = lines.dropFirst().joined(separator: "\n") + "\n"
      #expect(try await verify(shortened).status == 1)
      #expect(try await verify(String(text.dropLast())).status == 1)
    }
  }

  @Test("What was archived and what is still in Redis are exported as one, and filters are proven")
  func filtered() async throws {
    try await Installation.open { stage in
      try await playSomething(stage)
      try await stage.waitUntilArchived()
      let before = try await export(stage)
      // What is archived may leave Redis; the export stays the same.
      for partition in stage.link.keys.partitions {
        _ = try await stage.redis.raw("XTRIM pm:{p\(partition.number)}:ledger MAXLEN 1")
      }
      #expect(try await export(stage) == before)
      try await playSomething(stage)
      let after = try await export(stage)
      #expect(try await verify(after).status == 0)
      #expect(after.split(separator: "\n").count > before.split(separator: "\n").count)

      let cafe = try #require(after.firstMatch(of: /"cafe_id":"([^"]+)"/)?.output.1)
      let filtered = try await export(stage, ["--cafe", String(cafe)])
      #expect(filtered.split(separator: "\n").allSatisfy { $0.contains(#""cafe_id":"\#(cafe)""#) })
      #expect(filtered.split(separator: "\n").allSatisfy { $0.contains("prev_hash") })
      let result = try await verify(filtered)
      #expect(result.status == 0, "\(result.standardError)")
    }
  }

  @Test("The files of the archive can be verified as they are")
  func archiveFiles() async throws {
    try await Installation.open { stage in
      try await playSomething(stage)
      try await stage.waitUntilArchived()
      let names = try FileManager.default.contentsOfDirectory(atPath: stage.redis.archivePath)
      let files = names.filter { $0.hasSuffix(".jsonl") }
        .map { "\(stage.redis.archivePath)/\($0)" }
      #expect(files.count >= 2)
      for file in files {
        let command = ["ledger", "verify", file, "--json"]
        let result = try await ServiceProcess.runCommand(command, environment: [:])
        #expect(result.status == 0, "\(result.standardError)")
        #expect(try result.json.integer("gaps") == 0)
      }
    }
  }

  @Test("An empty Redis in place of the archived one is refused: no debit, no top-up, not ready")
  func fenced() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe()
      try await stage.waitUntilArchived()
      #expect(try await stage.service.terminate() == 0)
      _ = try await stage.redis.raw("FLUSHALL")

      let service = try await ServiceProcess.start(
        environment: stage.environment,
        awaitsReadiness: false
      )
      try await Waiting.until("the reason why it is not ready", within: .seconds(10)) {
        let readiness = try await service.http.send("GET", "/readyz")
        return readiness.status == 503 && readiness.text.contains("went back in time")
      }
      let command = ["cafe", "topup", "--id", cafe.id, "--amount", "1", "--ref", "after"]
      let topup = try await stage.command(command)
      #expect(topup.status == 1)
      #expect(topup.standardError.contains("playmeter ledger restore"))
      #expect(try await stage.redis.raw("DBSIZE") == ":0\r\n")
      #expect(try await service.terminate() == 0)
      // The audit wants the ledger of a Redis that nobody has emptied.
      try FileManager.default.removeItem(atPath: stage.redis.archivePath)
    }
  }

  @Test("The README's lines of Python check an export, and find what was forged")
  func readme() async throws {
    try await Installation.open { stage in
      try await playSomething(stage)
      let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
      let parts = readme.split(separator: "```python\n")
      let script = try #require(parts.last?.split(separator: "```").first)
      let directory = try TemporaryDirectory()
      try Data(script.utf8).write(to: URL(filePath: directory.path + "/check.py"))
      let text = try await export(stage)
      try Data(text.utf8).write(to: URL(filePath: directory.path + "/good"))
      let forged = text.replacing(#""billable_sec":90"#, with: #""billable_sec":89"#)
      #expect(forged != text)
      try Data(forged.utf8).write(to: URL(filePath: directory.path + "/forged"))
      #expect(try python(directory.path, "good") == 0)
      #expect(try python(directory.path, "forged") == 1)
    }
  }

  private func python(_ directory: String, _ file: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "\(directory)/check.py", "\(directory)/\(file)"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test("Two instances archive each line once, and one goes on where the other died")
  func twoInstances() async throws {
    try await Installation.open { stage in
      let second = try await ServiceProcess.start(environment: stage.environment)
      try await playSomething(stage)
      try await stage.waitUntilArchived()
      try await stage.service.kill()
      try await playSomething(stage.through(second))
      try await stage.waitUntilArchived()
      #expect(try await verify(export(stage)).status == 0)
      #expect(try await second.terminate() == 0)
    }
  }

  @Test("Without an archive directory a strict service does not start, and check says so")
  func strict() async throws {
    try await Installation.open { stage in
      var environment = stage.environment
      environment["PLAYMETER_ARCHIVE_DIRECTORY"] = nil
      let served = try await ServiceProcess.runCommand(["serve"], environment: environment)
      #expect(served.status == 1)
      #expect(served.standardError.contains("PLAYMETER_ARCHIVE_DIRECTORY"))
      let checked = try await ServiceProcess.runCommand(["check"], environment: environment)
      #expect(checked.status == 1)
      #expect(checked.standardOutput.contains("PLAYMETER_ARCHIVE_DIRECTORY"))
    }
  }
}
