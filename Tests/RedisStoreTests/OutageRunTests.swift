import Audit
import Domain
import Support
import Testing

@testable import RedisStore

/// Seeded evenings in which everything happens at any time: outages, holds by hand that overlap
/// them, heartbeats that come or do not, ends, replacements, money that runs out. The audit after
/// each knows from the ledger which seconds were held.
@Suite(.timeLimit(.minutes(15)))
struct OutageRunTests {
  private static let steps = 600
  private static let pcs = 5
  private static let scopes: [HoldScope] = [
    HoldScope(), HoldScope(cafe: Cafe.id), HoldScope(game: GameID("skyfall")),
  ]

  /// What the PCs of a run know.
  private struct Seats {
    var launchers: [Int: LauncherSessionID] = [:]
    var sessions: [Int: GameSessionID] = [:]
  }

  @Test(
    "However outages, holds and heartbeats come, every held second is accounted for",
    arguments: 1...6 as ClosedRange<UInt64>
  )
  func evening(seed: UInt64) async throws {
    let balance: Int64 = seed.isMultiple(of: 2) ? 1_000_000 : 9_000
    try await Cafe.openHolding(balance: balance) { cafe in
      var random = SeededRandom(seed: seed)
      var seats = Seats()
      for step in 0..<Self.steps {
        try await act(step, on: cafe, &seats, &random)
      }
      for scope in Self.scopes {
        _ = try await cafe.administration.switchHold(false, for: scope)
      }
      // Nobody sends anything any more; what is left open ends by itself.
      try await cafe.serve(600)
      #expect(try await cafe.administration.cafe(Cafe.id).liveSessions == 0)
      #expect(try await cafe.server.raw("KEYS *seat:*") == "*0\r\n")
      #expect(try await cafe.clock().holds == "")
    }
  }

  private func act(
    _ step: Int,
    on cafe: Cafe,
    _ seats: inout Seats,
    _ random: inout SeededRandom
  ) async throws {
    let pc = Int.random(in: 0..<Self.pcs, using: &random)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30:
      cafe.pass(.milliseconds(Int64.random(in: 1_000...30_000, using: &random)))
      try await cafe.bill()
    case 30..<38:
      cafe.pass(.milliseconds(Int64.random(in: 30_000...700_000, using: &random)))
    case 38..<45:
      seats.launchers[pc] = try await cafe.startLauncher(pc: "PC-\(pc)")
    case 45..<55:
      guard let launcher = seats.launchers[pc] else { return }
      let outcome = try await cafe.launchers.issueToken(for: launcher, game: cafe.game)
      guard case .issued(let token) = outcome,
        case .started(let session) = try await cafe.verify(token)
      else { return }
      seats.sessions[pc] = session
    case 55..<75:
      guard let session = seats.sessions[pc] else { return }
      _ = try await cafe.beat(session)
    case 75..<89:
      guard let launcher = seats.launchers[pc] else { return }
      _ = try await cafe.launchers.heartbeat(launcher)
    case 89..<91:
      guard let session = seats.sessions[pc] else { return }
      _ = try await cafe.end(session, request: "r\(step)")
    case 91..<92:
      guard let launcher = seats.launchers[pc] else { return }
      _ = try await cafe.launchers.end(launcher, requestID: "r\(step)")
    case 92..<93:
      guard let session = seats.sessions[pc] else { return }
      _ = try await cafe.link.end(session, arguments: ["", "operator", "o\(step)"])
    case 93..<95:
      try await cafe.topUp(2_000, ref: "t\(step)")
    case 95..<99:
      cafe.pass(seconds: 10)
      try await cafe.bill()
    default:
      let scope = Self.scopes[Int.random(in: 0..<Self.scopes.count, using: &random)]
      let isOn = Int.random(in: 0..<3, using: &random) == 0
      do {
        _ = try await cafe.administration.switchHold(isOn, for: scope)
      } catch {
        // So many holds were on just now that the list is full.
        guard isOn, case .conflict = error else { throw error }
      }
    }
  }
}
