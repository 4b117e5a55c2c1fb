import Audit
import Domain
import Logging
import NIOCore
import NIOPosix
import RedisClient
import RedisStore
import Support
import Testing

/// A cafe on a real Redis whose clock stands until the test moves it, with one game and the ports
/// that act on it.
struct Cafe {
  static let id = CafeID("north")!
  static let rate: Int64 = 230_000

  let server: RedisServer
  let link: RedisLink
  let game: Game
  let games: RedisGameSessions
  let launchers: RedisLauncherSessions
  let billing: RedisBilling
  let administration: RedisAdministration

  /// The partition that holds the cafe.
  var partition: Partition { Partition(of: Cafe.id, count: link.keys.partitionCount) }

  /// Starts a Redis, creates the cafe with `balance` and the game with `rate`, runs the body,
  /// audits. Most tests let minutes pass at once, which would look like an outage, so that is held
  /// only where a test asks for it.
  static func open(
    balance: Int64 = 1_000_000,
    rate: Int64 = rate,
    timings: Timings = Timings(),
    outageHold: Duration? = nil,
    options: RedisServer.Options = .init(),
    _ body: (Cafe) async throws -> Void
  ) async throws {
    var timings = timings
    timings.outageHold = outageHold
    let server = try await RedisServer.start(options)
    server.clock.hold()
    let keys = Keys(partitionCount: 4)
    let scripts = Scripts(timings: timings)
    let requirements = RedisRequirements(durability: .strict, keys: keys)
    let preparation = RedisPreparation(requirements: requirements, scripts: scripts)
    let client = RedisClient(
      configuration: try RedisConfiguration(url: options.isCluster ? server.tcpURL : server.url),
      eventLoops: MultiThreadedEventLoopGroup.singleton,
      connectionCount: 2,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      onConnect: preparation.prepare
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { group.cancelAll() }
      try await client.waitUntilConnected(within: .seconds(5))
      let link = RedisLink(client: client, keys: keys, scripts: scripts)
      let cafe = try await Cafe(server, link, balance: balance, rate: rate)
      try await body(cafe)
      let interval = timings.heartbeatInterval.components.seconds * 1000
      let findings = try await Audit.findings(link, heartbeatInterval: interval)
      #expect(findings == [])
    }
    try await server.stop()
  }

  private init(_ server: RedisServer, _ link: RedisLink, balance: Int64, rate: Int64) async throws {
    self.server = server
    self.link = link
    let secrets = LauncherSecrets(masterKeys: [Array(repeating: 7, count: 32)])
    games = RedisGameSessions(link: link)
    launchers = RedisLauncherSessions(link: link, secrets: secrets)
    billing = RedisBilling(link: link)
    administration = RedisAdministration(link: link, secrets: secrets)
    game = Game(
      id: GameID("skyfall")!,
      name: "Skyfall",
      tariff: Tariff(milliGCoinPerHour: rate)!,
      launchURL: nil,
      isEnabled: true
    )
    _ = try await administration.createGame(game)
    let networks = [Network("203.0.113.0/24")!]
    _ = try await administration.createCafe(
      NewCafe(id: Cafe.id, name: "North", networks: networks)
    )
    if balance > 0 { try await topUp(balance, ref: "first") }
  }
}

/// What tests do again and again.
extension Cafe {
  /// Moves Redis' clock.
  func pass(seconds: Int64) { pass(.seconds(seconds)) }

  func pass(_ duration: Duration) { server.clock.advance(by: duration) }

  @discardableResult
  func topUp(_ amount: Int64, ref: String) async throws -> Booking {
    let reference = try #require(BookingReference(ref))
    let entry = BalanceEntry.topup(Money(milliGCoin: amount), ref: reference)
    return try await administration.book(entry, for: Cafe.id)
  }

  func balance() async throws -> Int64 {
    try await administration.cafe(Cafe.id).balance.milliGCoin
  }

  /// Bills everything that is due, as the worker does.
  func bill() async throws {
    var batch: BillingBatch
    repeat {
      batch = try await billing.step(partition)
      #expect(batch.setAside.map(\.fault) == [])
    } while batch.isFull
  }

  /// A game that differs from the cafe's in its identifier.
  func anotherGame(id: String = "other", isEnabled: Bool = true) throws -> Game {
    Game(
      id: try #require(GameID(id)),
      name: "Other",
      tariff: game.tariff,
      launchURL: nil,
      isEnabled: isEnabled
    )
  }

  func startLauncher(pc: String = "PC-1") async throws -> LauncherSessionID {
    let start = LauncherStart(
      cafe: Cafe.id,
      pc: try #require(PCID(pc)),
      nonce: "nonce-\(UInt64.random(in: 0 ... .max))",
      externalAddress: try #require(IPAddress("203.0.113.7")),
      isInsideCafe: true,
      evidence: LauncherEvidence(
        internalAddress: "192.168.0.7",
        bootID: nil,
        launcherVersion: nil,
        hardware: nil
      )
    )
    guard case .started(let id) = try await launchers.start(start) else {
      throw SupportError("the launcher was not started")
    }
    return id
  }

  func token(_ launcher: LauncherSessionID) async throws -> OneTimeToken {
    guard case .issued(let token) = try await launchers.issueToken(for: launcher, game: game) else {
      throw SupportError("no token was issued")
    }
    return token
  }

  static let user = ProviderUserID("1001")!

  func verify(_ token: OneTimeToken) async throws -> VerifyOutcome {
    try await games.verify(
      VerifyRequest(token: token, user: Cafe.user, game: game, idempotencyKey: nil)
    )
  }

  /// Starts a launcher and a game session on a PC.
  func play(pc: String = "PC-1") async throws -> (LauncherSessionID, GameSessionID) {
    let launcher = try await startLauncher(pc: pc)
    return (launcher, try await play(on: launcher))
  }

  /// Starts a game session on a launcher that lives.
  func play(on launcher: LauncherSessionID) async throws -> GameSessionID {
    let outcome = try await verify(try await token(launcher))
    guard case .started(let session) = outcome else {
      throw SupportError("the session was not started: \(outcome)")
    }
    return session
  }

  func beat(_ session: GameSessionID) async throws -> HeartbeatOutcome {
    try await games.heartbeat(session, user: Cafe.user, game: game.id)
  }

  func end(_ session: GameSessionID, request: String = "r1") async throws -> EndOutcome {
    try await games.end(session, game: game.id, requestID: request)
  }

  func report(_ session: GameSessionID) async throws -> SessionReport {
    try await administration.session(session.description)
  }

  /// Lets time pass with both heartbeats every 120 s, billing once a minute as the worker does.
  func playOn(_ session: GameSessionID, _ launcher: LauncherSessionID, seconds: Int64) async throws
  {
    var left = seconds
    while left > 0 {
      let stride = min(60, left)
      pass(seconds: stride)
      left -= stride
      try await bill()
      if left % 120 < 60 || left == 0 { _ = try await launchers.heartbeat(launcher) }
      if left % 120 < 60 || left == 0 { _ = try await beat(session) }
    }
  }
}
