import Domain
import RedisClient
import Support

@testable import RedisStore

/// Every call that reads a reply, with replies as its script gives them.
struct FuzzedCalls {
  struct Call {
    let name: String
    /// What its script answers, one of them, with the ledger number before it.
    let rows: [HostileReply]
    let run: () async throws -> Void

    init(_ name: String, _ rows: [HostileReply], _ run: @escaping () async throws -> Void) {
      self.name = name
      self.rows = rows
      self.run = run
    }
  }

  static let partition = Partition(of: cafe, count: 4)
  static let cafe = CafeID("north")!
  static let sessionID = GameSessionID.random(in: partition)
  static var session: String { sessionID.description }
  private static let launcher = LauncherSessionID.random(in: partition)
  private static let reservation = ReservationID.random()
  private static let game = Game(
    id: GameID("skyfall")!,
    name: "Skyfall",
    tariff: Tariff(milliGCoinPerHour: 3600)!,
    launchURL: nil,
    isEnabled: true
  )

  let link: RedisLink

  var all: [Call] { games + launchers + hosts + worker + operators + sessions + accounts }

  private var games: [Call] {
    let ports = RedisGameSessions(link: link)
    let user = ProviderUserID("1001")!
    let request = VerifyRequest(
      token: .random(in: Self.partition),
      user: user,
      game: Self.game,
      idempotencyKey: nil
    )
    return [
      Call("verify", [.row(1, "started", Self.session), .row(1, "refused", "OTT_EXPIRED")]) {
        _ = try await ports.verify(request)
      },
      Call("heartbeat", [.row(1, "alive", 5, 9, -1), .row(1, "replaced", 5), .row(1, "ended")]) {
        _ = try await ports.heartbeat(Self.sessionID, user: user, game: Self.game.id)
      },
      Call("end", [.row(1, "ended", 5), .row(1, "already")]) {
        _ = try await ports.end(Self.sessionID, game: Self.game.id, requestID: "r")
      },
    ]
  }

  private var launchers: [Call] {
    let secrets = LauncherSecrets(masterKeys: [Array(repeating: 7, count: 32)])
    let ports = RedisLauncherSessions(link: link, secrets: secrets)
    return [
      Call("access", []) { _ = try await ports.access(to: Self.cafe) },
      Call("token", [.row(1, "issued")]) {
        _ = try await ports.issueToken(for: Self.launcher, game: Self.game)
      },
      Call("is alive", [.row(1, "alive")]) { _ = try await ports.isAlive(Self.launcher) },
      Call("pulse", [.row(1, "alive", 5, 9, -1, Self.session, "skyfall"), .row(1, "idle")]) {
        _ = try await ports.heartbeat(Self.launcher)
      },
      Call("launcher end", [.row(1, "ended")]) {
        _ = try await ports.end(Self.launcher, requestID: "r")
      },
    ]
  }

  private var hosts: [Call] {
    let ports = RedisHosts(link: link)
    let row = HostileReply.row(
      "",
      "next",
      "pc-1",
      "room",
      "local",
      "idle",
      "0",
      2,
      1,
      1_772_798_400_000,
      28_001
    )
    let found = HostileReply.row(
      "",
      "found",
      Self.reservation,
      "pc-1",
      "room",
      "local",
      1_772_798_400_000
    )
    let request = MatchRequest(regions: [], host: nil, address: "::1", idempotencyKey: nil)
    return [
      Call("hosts", [row]) {
        _ = try await ports.hosts(HostFilter(region: nil, selection: .all), PageRequest())
      },
      Call("find", [found, .row("", "warming", 5), .row("", "too_many", 5), .row("", "none")]) {
        _ = try await ports.find(request)
      },
      Call("confirm", [.row("", "done")]) { _ = try await ports.confirm(Self.reservation) },
      Call("sweep", [.row("", 5, "1")]) { _ = try await ports.sweep() },
      Call("census", [.row(5, 1, "confirmed", 7, "idle:local", 3)]) {
        _ = try await RedisCensus(link: link).take()
      },
    ]
  }

  private var worker: [Call] {
    [
      Call("billing", [.row(1, 50, 10, 0, 1, 500, "north south", "gs_x", "a fault")]) {
        _ = try await RedisBilling(link: link).step(Self.partition)
      },
      Call("pages", []) {
        _ = try await RedisLedger(link: link).pages(after: [(Self.partition, nil)])
      },
      Call("trim", [.row(1, "trimmed")]) {
        _ = try await RedisLedger(link: link).trim(Self.partition, keeping: "1-1", number: 1)
      },
      Call("lease", [.row(1, 5)]) {
        _ = try await RedisNotices(link: link).lease(holder: "h", duration: .seconds(1))
      },
      Call("notices", []) { _ = try await RedisNotices(link: link).oldest() },
      Call("turn", []) { _ = try await RedisTurns(link: link).take("w", for: .seconds(1)) },
    ]
  }
}
