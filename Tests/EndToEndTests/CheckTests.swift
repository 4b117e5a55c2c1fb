import Foundation
import Support
import Testing

@testable import playmeter

/// `playmeter check` as a doctor: what is wrong, and the command that mends it.
@Suite(.timeLimit(.minutes(15)))
struct CheckTests {
  private func check(
    _ redis: RedisServer,
    _ settings: [String: String] = [:],
    _ arguments: [String] = []
  ) async throws -> CommandResult {
    let usual = [
      "PLAYMETER_REDIS_URL": redis.url, "PLAYMETER_PARTITIONS": "4",
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
    ]
    var environment = usual.merging(settings) { $1 }
    if environment["PLAYMETER_MASTER_KEY_FILE"] == nil, arguments.isEmpty {
      environment["PLAYMETER_MASTER_KEY"] = Installation.masterKey
    }
    return try await ServiceProcess.runCommand(["check"] + arguments, environment: environment)
  }

  private func write(_ text: String, _ path: String, mode: Int) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test("A secret's file that everybody may read is named, and one that is kept is not")
  func secretFile() async throws {
    let redis = try await RedisServer.start()
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/key"
    try write(Installation.masterKey, path, mode: 0o644)
    let open = try await check(redis, ["PLAYMETER_MASTER_KEY_FILE": path])
    #expect(open.status == 0)
    #expect(
      open.standardOutput == """
        ok
        warning: PLAYMETER_MASTER_KEY_FILE: everybody on this machine can read \(path): \
        run chmod o= on it, and replace the secret

        """
    )
    try write(Installation.masterKey, path, mode: 0o640)
    #expect(try await check(redis, ["PLAYMETER_MASTER_KEY_FILE": path]).standardOutput == "ok\n")
  }

  @Test("So is a file of settings with a secret in it, and one without may be read by anybody")
  func settingsFile() async throws {
    let redis = try await RedisServer.start()
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/playmeter.env"
    try write("PLAYMETER_MASTER_KEY=\(Installation.masterKey)\n", path, mode: 0o666)
    let secret = try await check(redis, [:], ["--env-file", path])
    #expect(secret.standardOutput.contains("--env-file: everybody on this machine can change"))
    try write("PLAYMETER_LOG_LEVEL=notice\n", path, mode: 0o644)
    let settings = ["PLAYMETER_MASTER_KEY": Installation.masterKey]
    let plain = try await check(redis, settings, ["--env-file", path])
    #expect(plain.standardOutput == "ok\n")
  }

  @Test("An archive directory that cannot be is a fault with the command that makes it")
  func archiveDirectory() async throws {
    let redis = try await RedisServer.start()
    let path = "/dev/null/ledger"
    let result = try await check(redis, ["PLAYMETER_ARCHIVE_DIRECTORY": path])
    #expect(result.status == 1)
    #expect(
      result.standardOutput == """
        fault: PLAYMETER_ARCHIVE_DIRECTORY: \(path) is not there and cannot be made by this user: \
        run install -d -m 0750 -o playmeter -g playmeter \(path)

        """
    )
  }

  @Test("An archive directory that is nearly full is told")
  func room() {
    #expect(Configuration.roomWarning(freeBytes: 1 << 30, at: "/x") == nil)
    let warning = Configuration.roomWarning(freeBytes: 100 << 20, at: "/x")
    #expect(warning?.contains("only 100 MiB are free where /x is") == true)
  }

  @Test("A Redis that is full is a fault, not only a warning")
  func full() async throws {
    let redis = try await RedisServer.start()
    _ = try await redis.raw("CONFIG SET maxmemory 500000")
    let result = try await check(redis)
    #expect(result.status == 1)
    #expect(result.standardOutput.hasPrefix("fault: Redis is full and refuses to write"))
    #expect(!result.standardOutput.contains("warning"))
  }

  @Test("Commands say of a full Redis that it is full, and what to do")
  func fullForCommands() async throws {
    let redis = try await RedisServer.start()
    let environment = [
      "PLAYMETER_REDIS_URL": redis.url, "PLAYMETER_PARTITIONS": "4",
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
      "PLAYMETER_MASTER_KEY": Installation.masterKey,
    ]
    let create = ["game", "create", "--id", "a", "--name", "A", "--rate", "1"]
    _ = try await redis.raw("CONFIG SET maxmemory 500000")
    for _ in 0..<2 {
      let result = try await ServiceProcess.runCommand(create, environment: environment)
      #expect(result.status == 1)
      #expect(result.standardError.contains("Redis is full and refuses to write: run CONFIG SET"))
      // The second time it has been prepared already and fills up behind that.
      _ = try await redis.raw("CONFIG SET maxmemory 0")
      _ = try await ServiceProcess.runCommand(["game", "list"], environment: environment)
      _ = try await redis.raw("CONFIG SET maxmemory 500000")
    }
  }

  @Test("So is a Redis that went back in time")
  func forgotten() async throws {
    try await Installation.open { stage in
      _ = try await stage.cafe()
      try await stage.waitUntilArchived()
      #expect(try await stage.service.terminate() == 0)
      _ = try await stage.redis.raw("FLUSHALL")
      let result = try await stage.command(["check"])
      #expect(result.status == 1)
      #expect(result.standardOutput.contains("fault: Redis went back in time: "))
      #expect(try await stage.command(["ledger", "restore"]).status == 0)
    }
  }

  @Test("What is wrong with the archive is told also when Redis does not answer")
  func both() async throws {
    let redis = try await RedisServer.start()
    try await redis.stop()
    let result = try await check(redis, ["PLAYMETER_ARCHIVE_DIRECTORY": "/dev/null/ledger"])
    #expect(result.status == 1)
    let faults = result.standardOutput.split(separator: "\n")
    #expect(faults.count == 2)
    #expect(faults.allSatisfy { $0.hasPrefix("fault: ") })
  }
}
