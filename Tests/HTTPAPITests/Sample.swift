import Domain
import Signatures
import Testing

@testable import HTTPAPI

/// Values that the tests share.
enum Sample {
  static let partitionCount = 64
  static let apiKey = "the-key-of-river"
  static let secret: [UInt8] = Array(0..<32)
  static let masterKey = [UInt8](repeating: 7, count: 32)
  static let user = "1234567"

  static let game = Game(
    id: name("river"),
    name: "River",
    tariff: Tariff(milliGCoinPerHour: 1200)!,
    launchURL: nil,
    isEnabled: true
  )
  static let disabledGame = Game(
    id: name("old-river"),
    name: "Old River",
    tariff: Tariff(milliGCoinPerHour: 1200)!,
    launchURL: "roblox://1",
    isEnabled: false
  )
  static let session = GameSessionID.random(in: Partition(number: 5))
  static let launcher = LauncherSessionID.random(in: Partition(number: 5))
  static let token = OneTimeToken.random(in: Partition(number: 5))

  static let cafeReport = CafeReport(
    id: name("north"),
    name: "North",
    networks: [Network("203.0.113.0/24")!],
    status: .active,
    balance: Money(milliGCoin: 500),
    liveSessions: 1,
    spendingPerHour: Money(milliGCoin: 1200)
  )
  static let sessionReport = SessionReport(
    id: session,
    cafe: name("north"),
    pc: PCID("PC-07")!,
    game: name("river"),
    user: ProviderUserID(user)!,
    externalAddress: "203.0.113.9",
    launcher: launcher,
    tariff: game.tariff,
    state: .running,
    startedAt: Instant(milliseconds: 1000),
    firstHeartbeatAt: nil,
    lastHeartbeatAt: Instant(milliseconds: 2000),
    endedAt: nil,
    endReason: nil,
    playSeconds: 1,
    billedSeconds: 1,
    unbilledGraceSeconds: 0,
    heldSeconds: 0,
    charged: .zero,
    ledger: [line]
  )
  static let line = LedgerLine(
    partition: Partition(number: 5),
    streamID: "1000-0",
    members: [
      .init(name: "seq", value: .integer(1)),
      .init(name: "at", value: .integer(1000)),
      .init(name: "kind", value: .text("start")),
    ]
  )

  static let host = HostReport(
    id: name("pc-1"),
    room: name("room-1"),
    region: name("local"),
    status: .idle,
    isDrained: true,
    capacity: 2,
    availableSlots: 1,
    lastHeartbeat: Instant(milliseconds: 5000),
    ttlMilliseconds: 28_001
  )
  static let match = Match(
    reservation: .random(),
    host: name("pc-1"),
    room: name("room-1"),
    region: name("local"),
    expiresAt: Instant(milliseconds: 1_772_798_460_000)
  )

  static var catalog: CatalogDouble {
    CatalogDouble(
      keys: [Digest.sha256(Array(apiKey.utf8)): game],
      known: [game, disabledGame]
    )
  }

  static func name<Value: Name>(_ text: String) -> Value {
    guard let value = Value(text) else { preconditionFailure("\(text) breaks \(Value.rule).") }
    return value
  }
}
