import Foundation
import Support
import Testing

/// Settings as the service meets them at its start.
@Suite(.timeLimit(.minutes(15)))
struct SettingsTests {
  private static let key = Installation.masterKey

  private func serve(_ environment: [String: String]) async throws -> CommandResult {
    try await ServiceProcess.runCommand(["serve"], environment: environment, within: .seconds(10))
  }

  @Test("Everything that is wrong is told at once, and no secret with it")
  func faults() async throws {
    let wrong = [
      "PLAYMETER_HTTP_ADDRESS": "nowhere",
      "PLAYMETER_MANAGEMENT_ADDRESS": "127.0.0.1:99999",
      "PLAYMETER_TRUSTED_PROXIES": "10.0.0.1/8",
      "PLAYMETER_REDIS_URL": "http://user:secret-of-the-url@localhost",
      "PLAYMETER_REDIS_PREFIX": "Not OK",
      "PLAYMETER_PARTITIONS": "0",
      "PLAYMETER_REDIS_DURABILITY": "maybe",
      "PLAYMETER_MASTER_KEY": "secret-master-key",
      "PLAYMETER_ADMIN_TOKEN": "secret admin token",
      "PLAYMETER_HEARTBEAT_INTERVAL": "120",
      "PLAYMETER_SESSION_TTL": "-1s",
      "PLAYMETER_GRACE": "2 minutes",
      "PLAYMETER_BILLING_TICK": "1w",
      "PLAYMETER_LOG_LEVEL": "loud",
      "PLAYMETER_LOG_FORMAT": "xml",
      "PLAYMETER_NONSENSE": "secret-of-a-stranger",
      "PLAYMETER_PARTITION": "4",
    ]
    let result = try await serve(wrong)
    #expect(result.status == 1)
    let output = result.standardOutput + result.standardError
    for name in wrong.keys {
      #expect(output.contains(name), "\(name)")
    }
    #expect(!output.contains("secret-"))
    #expect(!output.contains("secret admin token"))
  }

  @Test("Without a master key there is no start")
  func masterKey() async throws {
    for value in ["", Self.key + "00", String(Self.key.dropLast()) + "x"] {
      let result = try await serve(["PLAYMETER_MASTER_KEY": value])
      #expect(result.status == 1)
      #expect(result.standardError.contains("PLAYMETER_MASTER_KEY"))
    }
  }

  @Test("Durations that contradict each other are refused")
  func contradiction() async throws {
    let result = try await serve([
      "PLAYMETER_MASTER_KEY": Self.key,
      "PLAYMETER_SESSION_TTL": "120s",
      "PLAYMETER_LAUNCHER_TTL": "2m",
    ])
    #expect(result.status == 1)
    #expect(result.standardError.contains("PLAYMETER_SESSION_TTL"))
    #expect(result.standardError.contains("PLAYMETER_LAUNCHER_TTL"))
  }

  @Test("The count of partitions is fixed at the first start")
  func partitions() async throws {
    try await Installation.open { stage in
      var other = stage.environment
      other["PLAYMETER_PARTITIONS"] = "8"
      let result = try await serve(other)
      #expect(result.status == 1)
      #expect(result.standardError.contains("PLAYMETER_PARTITIONS"))
      let command = ["cafe", "list", "--json"]
      let refused = try await ServiceProcess.runCommand(command, environment: other)
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("PLAYMETER_PARTITIONS"))
      // Another prefix is another installation.
      other["PLAYMETER_REDIS_PREFIX"] = "other"
      other["PLAYMETER_ARCHIVE_DIRECTORY"] = stage.redis.archivePath + "-other"
      let apart = try await ServiceProcess.runCommand(command, environment: other)
      #expect(apart.status == 0)
      #expect(try apart.json.array().isEmpty)
    }
  }

  @Test("Settings come from a file too, secrets from files of their own, the environment first")
  func files() async throws {
    let redis = try await RedisServer.start()
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "settings-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    let (file, secret) = (directory.appending(path: "env"), directory.appending(path: "key"))
    try Data("\(Self.key)\n".utf8).write(to: secret)
    let lines = """
      # A comment.
      PLAYMETER_REDIS_URL=\(redis.url)
      PLAYMETER_PARTITIONS=4
      PLAYMETER_ARCHIVE_DIRECTORY=\(redis.archivePath)
      PLAYMETER_MASTER_KEY_FILE=\(secret.path)
      PLAYMETER_REDIS_PREFIX=Not OK

      """
    try Data(lines.utf8).write(to: file)
    let command = ["check", "--env-file", file.path, "--json"]
    let wrong = try await ServiceProcess.runCommand(command, environment: [:])
    #expect(wrong.status == 1)
    let right = try await ServiceProcess.runCommand(
      command,
      environment: ["PLAYMETER_REDIS_PREFIX": "ok"]
    )
    #expect(right.status == 0, "\(right.standardOutput)")
  }

  @Test("A Redis that may lose money is refused, unless the settings say that it may")
  func durability() async throws {
    let redis = try await RedisServer.start(.init(settings: ["appendonly": "no"]))
    var environment = [
      "PLAYMETER_REDIS_URL": redis.url, "PLAYMETER_MASTER_KEY": Self.key,
      "PLAYMETER_PARTITIONS": "4", "PLAYMETER_ADMIN_TOKEN": Installation.adminToken,
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
    ]
    let strict = try await ServiceProcess.start(environment: environment, awaitsReadiness: false)
    try await Waiting.until("the reason", within: .seconds(30)) {
      let answer = try await strict.http.send("GET", "/readyz")
      #expect(answer.status == 503)
      return answer.text.contains("appendonly")
    }
    let credentials = ["Authorization": "Bearer \(Installation.adminToken)"]
    let json = #"{"game_id":"a","name":"A","rate_mgcoin_per_hour":60}"#
    try await strict.management.send("POST", "/v1/admin/games", headers: credentials, json: json)
      .refusal(503, "UNAVAILABLE")
    #expect(try await strict.terminate() == 0)

    environment["PLAYMETER_REDIS_DURABILITY"] = "relaxed"
    let relaxed = try await ServiceProcess.start(environment: environment)
    _ = try await relaxed.management
      .send("POST", "/v1/admin/games", headers: credentials, json: json)
      .success()
    #expect(try await relaxed.terminate() == 0)
  }

  @Test("A password for Redis is used and never shown")
  func password() async throws {
    let redis = try await RedisServer.start(.init(password: "secret-of-redis"))
    var environment = [
      "PLAYMETER_REDIS_URL": redis.url, "PLAYMETER_MASTER_KEY": Self.key,
      "PLAYMETER_PARTITIONS": "4", "PLAYMETER_LOG_LEVEL": "trace",
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
      "PLAYMETER_REDIS_PASSWORD": "secret-of-redis",
    ]
    let right = try await ServiceProcess.start(environment: environment)
    #expect(try await right.terminate() == 0)
    environment["PLAYMETER_REDIS_PASSWORD"] = "secret-but-wrong"
    let wrong = try await ServiceProcess.start(environment: environment, awaitsReadiness: false)
    let answer = try await wrong.http.send("GET", "/readyz")
    #expect(answer.status == 503)
    #expect(try await wrong.terminate() == 0)
    #expect(!(right.log + wrong.log + answer.text).contains("secret-"))
  }

  @Test("Even the most talkative log holds no secret")
  func log() async throws {
    try await Installation.open(settings: ["PLAYMETER_LOG_LEVEL": "trace"]) { stage in
      let play = try await stage.cafe().play()
      try await play.beatBoth()
      _ = try await stage.send(play.launcher.cafe.signedStart()).success()
      try await play.beat().refusal(410, "SESSION_ENDED")
      #expect(try await stage.service.terminate() == 0)
      let log = stage.service.log
      #expect(!stage.service.logLines.isEmpty)
      let hex = play.launcher.cafe.secret.map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
      let secrets = [
        Installation.masterKey, Installation.adminToken, stage.skyfall.key, stage.tower.key,
        play.launcher.token, hex.joined(),
      ]
      for secret in secrets {
        #expect(!log.contains(secret))
      }
    }
  }

  @Test("The durations that rule a session are what the settings say")
  func durations() async throws {
    let settings = [
      "PLAYMETER_HEARTBEAT_INTERVAL": "30s", "PLAYMETER_SESSION_TTL": "90s",
      "PLAYMETER_LAUNCHER_TTL": "2m", "PLAYMETER_OTT_TTL": "20000ms",
      "PLAYMETER_GRACE": "45s", "PLAYMETER_ENDED_MEMORY": "100s",
    ]
    try await Installation.open(settings: settings) { stage in
      let launcher = try await stage.cafe(balance: 1_000).startLauncher()
      let cafe = launcher.cafe
      #expect(try await launcher.heartbeat().success().integer("next_heartbeat_in") == 30)
      let launcherTTL = try await stage.pttl(cafe.key("launcher:\(launcher.id)"))
      #expect((119_000...120_000).contains(launcherTTL))
      #expect(try await launcher.requestToken("tower").success().integer("expires_in") == 20)
      let play = try await launcher.play(stage.tower)
      #expect(try await (89_000...90_000).contains(stage.pttl(play.key())))
      #expect(try await play.beat().success().integer("next_heartbeat_in") == 30)
      stage.pass(seconds: 80)
      try await play.beatBoth()
      stage.pass(seconds: 21)
      let data = try await play.beat().success()
      #expect(try data.string("result") == "CHARGE_EXHAUSTED")
      #expect(try (44...45).contains(data.integer("grace_remaining_sec")))
      #expect(try data.integer("next_heartbeat_in") == 30)
      _ = try await play.end().success()
      stage.pass(seconds: 98)
      try await play.beat().refusal(410, "SESSION_ENDED")
      stage.pass(seconds: 3)
      try await play.beat().refusal(404, "SESSION_NOT_FOUND")
    }
  }
}
