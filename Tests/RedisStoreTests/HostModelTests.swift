import Domain
import Foundation
import Support
import Testing

@testable import RedisStore

/// `PLAYMETER_TEST_SEED` replays one run, `PLAYMETER_TEST_SEEDS` says how many new ones there are.
@Suite("Hosts do what the contract says", .serialized, .timeLimit(.minutes(15)))
struct HostModelTests {
  private static let steps = 20_000

  private static var seeds: [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["PLAYMETER_TEST_SEED"].flatMap(UInt64.init) { return [seed] }
    let count = environment["PLAYMETER_TEST_SEEDS"].flatMap(Int.init) ?? 3
    return (0..<count).map { _ in .random(in: .min ... .max) }
  }

  @Test("A random run of 20,000 steps goes as in the model", arguments: seeds)
  func randomRun(seed: UInt64) async throws {
    print("PLAYMETER_TEST_SEED=\(seed)")
    let limit = HostRun.pendingPerAddress
    try await HostStage.open(timings: HostRun.timings, pendingPerAddress: limit) { stage in
      var walk = HostWalk(run: try await HostRun(stage), seed: seed)
      for number in 1...Self.steps {
        do {
          try await walk.step()
          if number.isMultiple(of: 50) { try await walk.run.compareList() }
        } catch {
          throw SupportError("PLAYMETER_TEST_SEED=\(seed), step \(number): \(error)")
        }
      }
      // A run in which nobody gets a host proves nothing.
      #expect(walk.run.reservations.count > Self.steps / 20)
    }
  }

  /// What can happen to a host with three slots, all reserved.
  private enum Move: CaseIterable {
    case busy, idle, confirmFirst, confirmThird, releaseSecond, busyAgain, idleAgain
  }

  @Test("A host with three slots is right after busy, idle, confirm and release in every order")
  func everyOrder() async throws {
    try await HostStage.open(timings: HostRun.timings) { stage in
      var run = try await HostRun(stage)
      for (number, order) in orders(Move.allCases[..<5]).enumerated() {
        try await play(order + [.busyAgain, .idleAgain], on: HostID("pc-\(number)")!, &run)
        try await run.leave(HostID("pc-\(number)")!)
        run.pass(strides: 1)
      }
    }
  }

  private func orders(_ moves: ArraySlice<Move>) -> [[Move]] {
    guard !moves.isEmpty else { return [[]] }
    return moves.flatMap { first in
      orders(moves.filter { $0 != first }[...]).map { [first] + $0 }
    }
  }

  private func play(_ moves: [Move], on host: HostID, _ run: inout HostRun) async throws {
    try await beat(host, .idle, &run)
    for client in 1...3 {
      let request = MatchRequest(
        regions: [],
        host: host,
        address: "\(host)-\(client)",
        idempotencyKey: nil
      )
      try #require(try await run.find(request))
    }
    let made = Array(run.reservations.suffix(3))
    for move in moves {
      switch move {
      case .busy, .busyAgain: try await beat(host, .busy, &run)
      case .idle, .idleAgain: try await beat(host, .idle, &run)
      case .confirmFirst: try await run.confirm(made[0])
      case .confirmThird: try await run.confirm(made[2])
      case .releaseSecond: try await run.release(made[1])
      }
      try await run.compareList()
    }
  }

  private func beat(_ host: HostID, _ status: HostStatus, _ run: inout HostRun) async throws {
    let beat = HostBeat(
      id: host,
      room: RoomID("room")!,
      region: Region("local")!,
      status: status,
      capacity: 3,
      availableSlots: nil
    )
    try await run.heartbeat(beat)
  }
}
