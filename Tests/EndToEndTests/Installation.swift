import Audit
import Domain
import Logging
import NIOPosix
import NIOSSL
import RedisClient
import RedisStore
import Support
import Testing

/// A whole installation as it runs in production: a Redis of its own, two games made with the
/// command line, and `playmeter serve`. Only the clock of its Redis stands in the test's hands.
///
/// The service trusts this machine as a proxy, so that every caller's address is the test's choice.
struct Installation: Sendable {
  static let adminToken = "token-of-the-tests"
  static let masterKey = String(repeating: "5a", count: 32)
  static let partitionCount = 4

  let redis: RedisServer
  let link: RedisLink
  /// What the service and every command of this installation run with.
  let environment: [String: String]
  /// 230 G-coin an hour.
  let skyfall: GameAccess
  /// 36 G-coin an hour, which is 10 mgcoin a second.
  let tower: GameAccess
  /// What the verbs talk to; a test with several instances makes copies that talk to others.
  var service: ServiceProcess

  /// Starts everything, runs the body, audits, and ends the service as an operator would. `tls` is
  /// what the test speaks TLS with to listeners that have it.
  static func open(
    settings: [String: String] = [:],
    redis options: RedisServer.Options = .init(),
    tls: TLSConfiguration? = nil,
    _ body: (Installation) async throws -> Void
  ) async throws {
    let redis = try await RedisServer.start(options)
    redis.clock.hold()
    let service = try await withLink(redis) { link in
      let installation = try await Turnstile.starts.pass {
        try await start(redis, link, settings, tls)
      }
      try await body(installation)
      try await installation.audit()
      return installation.service
    }
    if service.isRunning {
      #expect(try await service.terminate() == 0)
    }
  }

  static func start(
    _ redis: RedisServer,
    _ link: RedisLink,
    _ settings: [String: String],
    _ tls: TLSConfiguration?
  ) async throws -> Installation {
    let environment = usualSettings(redis).merging(redis.tlsSettings) { _, tls in tls }
      .merging(settings) { _, given in given }
    async let skyfall = createGame("skyfall", "Skyfall", rate: "230", environment)
    async let tower = createGame("tower", "Tower Run", rate: "36", environment)
    return Installation(
      redis: redis,
      link: link,
      environment: environment,
      skyfall: try await skyfall,
      tower: try await tower,
      service: try await ServiceProcess.start(environment: environment, tls: tls)
    )
  }

  private static func usualSettings(_ redis: RedisServer) -> [String: String] {
    [
      "PLAYMETER_REDIS_URL": redis.url,
      "PLAYMETER_MASTER_KEY": masterKey,
      "PLAYMETER_ADMIN_TOKEN": adminToken,
      "PLAYMETER_PARTITIONS": String(partitionCount),
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
      "PLAYMETER_TRUSTED_PROXIES": "127.0.0.1/32,10.0.0.0/8",
      "PLAYMETER_LOG_LEVEL": "notice",
      // Tests move the clock by minutes at once, which would look like an outage.
      "PLAYMETER_OUTAGE_HOLD": "off",
    ]
  }

  private static func createGame(
    _ id: String,
    _ name: String,
    rate: String,
    _ environment: [String: String]
  ) async throws -> GameAccess {
    let command = ["game", "create", "--id", id, "--name", name, "--rate", rate, "--json"]
    let result = try await ServiceProcess.runCommand(command, environment: environment)
    guard result.status == 0 else { throw SupportError("no game: \(result.standardError)") }
    return GameAccess(id: id, key: try result.json.string("api_key"))
  }

  /// A connection of the test's own, for the audit.
  static func withLink<Result>(
    _ redis: RedisServer,
    _ body: (RedisLink) async throws -> Result
  ) async throws -> Result {
    let client = RedisClient(
      configuration: try RedisConfiguration(url: redis.url),
      eventLoops: MultiThreadedEventLoopGroup.singleton,
      connectionCount: 1,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { group.cancelAll() }
      try await client.waitUntilConnected(within: .seconds(5))
      let keys = Keys(partitionCount: partitionCount)
      return try await body(
        RedisLink(client: client, keys: keys, scripts: Scripts(timings: Timings()))
      )
    }
  }
}

extension Installation {
  /// Often enough to tell what is wrong from what the billing worker was just writing.
  private static let auditTries = 3

  /// Every invariant, from the ledger and the keys. The ledger never changes, so a finding that
  /// another look does not confirm was a step of the worker between two reads.
  func auditFindings() async throws -> [String] {
    // After an outage of Redis the test's own connection may take longer than the service's.
    try await link.client.waitUntilConnected(within: .seconds(10))
    var findings: [String] = []
    for _ in 0..<Self.auditTries {
      findings = try await Audit.findings(link, lines: ledgerLines)
      if findings.isEmpty { break }
    }
    return findings
  }

  /// Expects that every invariant holds.
  func audit() async throws {
    let findings = try await auditFindings()
    #expect(findings == [])
  }

  /// Moves the clock of Redis.
  func pass(seconds: Int) {
    redis.clock.advance(by: .seconds(seconds))
  }

  /// Runs a command of the command line on this installation.
  func command(_ arguments: [String]) async throws -> CommandResult {
    try await ServiceProcess.runCommand(arguments, environment: environment)
  }

  /// The same installation through another instance of the service.
  func through(_ other: ServiceProcess) -> Installation {
    var copy = self
    copy.service = other
    return copy
  }

  /// The key's remaining life in milliseconds; -2 when it is gone, -1 when it does not end.
  func pttl(_ key: String) async throws -> Int {
    let reply = try await redis.raw("PTTL \(key)")
    guard let left = Int(reply.dropFirst().prefix { $0 != "\r\n" }) else {
      throw SupportError("PTTL \(key): \(reply)")
    }
    return left
  }
}

/// A game as its server knows it.
struct GameAccess: Sendable {
  let id: String
  let key: String
}
