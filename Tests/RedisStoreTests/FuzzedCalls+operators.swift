import Domain
import Logging
import RedisClient
import Support

@testable import RedisStore

/// What operators and the accounts ask.
extension FuzzedCalls {
  private var administration: RedisAdministration {
    let secrets = LauncherSecrets(masterKeys: [Array(repeating: 7, count: 32)])
    return RedisAdministration(link: link, secrets: secrets)
  }

  private static let digest = String(repeating: "0f", count: 32)
  private static let catalog = HostileReply.row(
    1,
    "7",
    "game",
    "skyfall",
    "Skyfall",
    3600,
    "",
    "1",
    "key",
    "key_1",
    digest,
    1000,
    "game",
    "tower",
    "Tower",
    60,
    "roblox://1",
    "0"
  )

  var operators: [Call] {
    let ports = administration
    let topUp = BalanceEntry.topup(Money(milliGCoin: 5), ref: BookingReference("i-1")!)
    let compensation = Compensation(
      from: Instant(milliseconds: 0),
      to: Instant(milliseconds: 1),
      percent: 50,
      reference: BookingReference("i-2")!
    )
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let catalog = RedisGameCatalog(link: link, logger: logger)
    return [
      Call("games", [Self.catalog]) { _ = try await ports.listGames() },
      Call("catalogue", [Self.catalog]) { try await catalog.refresh() },
      Call("new key", [.row(1, "added")]) { _ = try await ports.rotateKey(of: GameID("skyfall")!) },
      Call("cafes", []) { _ = try await ports.listCafes(PageRequest(limit: 1)) },
      Call("cafe", []) { _ = try await ports.cafe(Self.cafe) },
      Call("book", [.row(1, "applied", 500), .row(1, "below_zero", 5)]) {
        _ = try await ports.book(topUp, for: Self.cafe)
      },
      Call("suspend", [.row(1, "done"), .row(1, "ended", 5)]) {
        _ = try await ports.suspend(Self.cafe, endSessions: true)
      },
      Call("secret", [.row(1, "rotated", 2)]) {
        _ = try await ports.rotateSecret(of: Self.cafe, revokePrevious: false)
      },
      Call("compensate", [.row(1, "going"), .row(1, "applied", 500, 2, 30)]) {
        _ = try await ports.compensate(compensation, for: Self.cafe)
      },
      Call("hold", [.row(1, "done")]) {
        _ = try await ports.switchHold(true, for: HoldScope(cafe: Self.cafe))
      },
      Call("holds", []) { _ = try await ports.listHolds() },
    ]
  }

  private static var record: HostileReply {
    .row(
      1,
      session,
      "north",
      "PC-1",
      "skyfall",
      "1001",
      "203.0.113.7",
      LauncherSessionID.random(in: partition),
      "3600",
      "running",
      "1000",
      "",
      "2000",
      "",
      "",
      5,
      5,
      0,
      0,
      5
    )
  }

  var sessions: [Call] {
    let ports = administration
    let filter = SessionFilter(cafe: Self.cafe, from: Instant(milliseconds: 0))
    return [
      Call("sessions", [Self.record]) { _ = try await ports.listSessions(filter, PageRequest()) },
      Call("session", [Self.record, .row(1)]) { _ = try await ports.session(Self.session) },
      Call("end by operator", [.row(1, "ended", 5), Self.record]) {
        _ = try await ports.endSession(Self.session)
      },
    ]
  }

  var accounts: [Call] {
    let state = RedisLiveState(link: link)
    let restore = RedisRestore(link: link)
    let requirements = RedisRequirements(durability: .strict, replicas: 1, keys: link.keys)
    let session = HostileReply.row(
      1,
      Self.session,
      "north",
      "PC-1",
      "skyfall",
      "3600",
      "1000",
      "2000",
      "5",
      "5",
      "1",
      1,
      1,
      1,
      Self.session
    )
    let watermark = LedgerWatermark()
    watermark.note(7, of: Self.partition)
    return [
      Call("now", []) { _ = try await state.now() },
      Call("live sessions", [session]) {
        _ = try await state.sessions([.init(id: Self.session)], in: Self.partition)
      },
      Call("live cafes", [.row(1, "north", "500", "3600", 1, 1)]) {
        _ = try await state.cafes(["north"], in: Self.partition)
      },
      Call("candidates", []) {
        try await state.forEachCandidate(in: Self.partition, of: ["north"]) { _ in }
      },
      Call("position", []) { _ = try await restore.position(of: Self.partition) },
      Call("forgotten", []) { _ = try await restore.forgotten(of: watermark) },
      Call("requirements", []) {
        _ = await requirements.findings(on: link.client, now: 5, knowing: watermark)
      },
    ]
  }
}
