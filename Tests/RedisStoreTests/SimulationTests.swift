import Domain
import Foundation
import Simulation
import Support
import Testing

/// `PLAYMETER_SIMULATION_SEED` replays one run, `PLAYMETER_SIMULATION_SEEDS` says how many new ones
/// there are, `PLAYMETER_SIMULATION_STEPS` how long each is. See `make simulate`, and with
/// `HOLD=1` for the second test.
@Suite("The service stands what a month of cafes does to it", .serialized, .timeLimit(.minutes(15)))
struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  /// Some 40 sessions: a few seconds.
  private static let steps =
    environment["PLAYMETER_SIMULATION_STEPS"].flatMap(Int.init) ?? 1_500

  private static var seeds: [UInt64] {
    if let seed = environment["PLAYMETER_SIMULATION_SEED"].flatMap(UInt64.init) { return [seed] }
    let count = environment["PLAYMETER_SIMULATION_SEEDS"].flatMap(Int.init) ?? 3
    return (0..<count).map { _ in .random(in: 1...999_999) }
  }

  @Test("Every answer and every ledger line is what the auditor predicts", arguments: seeds)
  func simulate(seed: UInt64) async throws {
    let tally = try await play(seed, Stage.timings)
    #expect(tally.sessions > Self.steps / 200)
  }

  /// The worker looks more often here, so that there is less of everything else.
  @Test("So are held seconds and warnings of low balances", arguments: seeds)
  func simulateHolds(seed: UInt64) async throws {
    let tally = try await play(seed, Stage.timingsWithHolds)
    #expect(tally.sessions > Self.steps / 400)
    for kind in ["outage", "held session", "low_balance"] {
      #expect(tally.notes[kind, default: 0] >= Self.steps / 2_000, "\(kind)")
    }
  }

  private func play(_ seed: UInt64, _ timings: Timings) async throws -> Tally {
    var options = Simulation.Options(seed: seed, steps: Self.steps)
    options.timings = timings
    let tally = try await Simulation.run(options)
    print("seed \(seed): \(tally)")
    // A run in which nothing happens proves nothing.
    #expect(tally.compared == tally.sessions)
    return tally
  }
}
