import Domain

/// Things as reports show them. They are forced out of their texts: a test that cannot make them
/// must stop.
enum Sample {
  static let start = Instant(milliseconds: 1_772_798_400_000)
  private static let id = "0000a1b2-c3d4-8e5f-a607-182930415263"

  static let game = GameReport(
    game: Game(
      id: GameID("tower")!,
      name: "Tower Run",
      tariff: Tariff(milliGCoinPerHour: 230_000)!,
      launchURL: nil,
      isEnabled: true
    ),
    keys: [KeyReport(id: "k1", createdAt: start)]
  )

  static let cafes = [
    cafe("gangnam-01", "강남 1호점", balance: 12_500, live: 2),
    cafe("hongdae", "Hongdae", balance: 1_000_000_005, live: 120),
    cafe("sinchon", "Sinchon", balance: 0, live: 0),
  ]

  private static func cafe(
    _ id: String,
    _ name: String,
    balance: Int64,
    live: Int64
  ) -> CafeReport {
    CafeReport(
      id: CafeID(id)!,
      name: name,
      networks: [Network("203.0.113.0/28")!],
      status: live == 0 ? .suspended : .active,
      balance: Money(milliGCoin: balance),
      liveSessions: live,
      spendingPerHour: Money(milliGCoin: live * 230_000)
    )
  }

  static let session = SessionReport(
    id: GameSessionID("gs_" + id, partitionCount: 64)!,
    cafe: CafeID("gangnam-01")!,
    pc: PCID("PC-07")!,
    game: GameID("tower")!,
    user: ProviderUserID("123")!,
    externalAddress: "203.0.113.7",
    launcher: LauncherSessionID("ls_" + id, partitionCount: 64)!,
    tariff: Tariff(milliGCoinPerHour: 230_000)!,
    state: .ended,
    startedAt: start,
    firstHeartbeatAt: nil,
    lastHeartbeatAt: start.advanced(bySeconds: 3600),
    endedAt: start.advanced(bySeconds: 3723),
    endReason: .normal,
    playSeconds: 3723,
    billedSeconds: 3723,
    unbilledGraceSeconds: 0,
    heldSeconds: 0,
    charged: Money(milliGCoin: 237_858),
    ledger: [
      LedgerLine(
        partition: Partition(number: 0),
        streamID: "1-0",
        members: [
          .init(name: "seq", value: .integer(9)), .init(name: "at", value: .integer(1)),
          .init(name: "kind", value: .text("debit")),
          .init(name: "amount_mgcoin", value: .integer(-500)),
          .init(name: "balance_mgcoin", value: .integer(12_500)),
        ]
      )
    ]
  )

  static let hosts = [
    host("pc-07", .idle, isDrained: true, slots: 2, ttl: 28_001),
    host("pc-08", .busy, isDrained: false, slots: 0, ttl: 999),
  ]

  private static func host(
    _ id: String,
    _ status: HostStatus,
    isDrained: Bool,
    slots: Int,
    ttl: Int64
  ) -> HostReport {
    HostReport(
      id: HostID(id)!,
      room: RoomID("room-\(id)")!,
      region: Region("eu-central")!,
      status: status,
      isDrained: isDrained,
      capacity: 2,
      availableSlots: slots,
      lastHeartbeat: start,
      ttlMilliseconds: ttl
    )
  }
}
