import Domain
import RedisStore
import Support

/// A random walk: hosts and clients that do anything at any time, the same for the same seed.
///
/// Few hosts, rooms, addresses and keys, so that they meet often.
struct HostWalk {
  private(set) var run: HostRun
  private var random: SeededRandom

  private static let hosts = (1...6).map { HostID("pc-\($0)")! }
  private static let regions = ["local", "east", "west"].map { Region($0)! }

  init(run: HostRun, seed: UInt64) {
    self.run = run
    random = SeededRandom(seed: seed)
  }

  /// One step, chosen by weights out of 100.
  mutating func step() async throws {
    switch number(0...99) {
    case 0..<32: try await run.heartbeat(beat())
    case 32..<44: try await run.setStatus(one(of: HostStatus.allCases), of: one(of: Self.hosts))
    case 44..<68: _ = try await run.find(request())
    case 68..<76: try await run.confirm(reservation())
    case 76..<82: try await run.release(reservation())
    case 82..<84: try await run.leave(one(of: Self.hosts))
    case 84..<89: try await run.drain(one(of: Self.hosts), isDrained: isLikely(30))
    case 89..<93: while try await run.stage.hosts.sweep().isMoreLeft {}
    default: run.pass(strides: isLikely(80) ? 1 : Int64(number(2...6)))
    }
  }

  private mutating func beat() -> HostBeat {
    HostBeat(
      id: one(of: Self.hosts),
      room: RoomID(isLikely(95) ? "room" : "room-\(number(1...3))")!,
      region: isLikely(80) ? Self.regions[0] : one(of: Self.regions),
      status: isLikely(60) ? .idle : isLikely(40) ? nil : one(of: HostStatus.allCases),
      capacity: isLikely(60) ? 3 : number(1...5),
      availableSlots: isLikely(50) ? nil : number(0...6)
    )
  }

  private mutating func request() -> MatchRequest {
    let regions = isLikely(60) ? [] : (0..<number(1...3)).map { _ in one(of: Self.regions) }
    return MatchRequest(
      regions: regions,
      host: isLikely(20) ? one(of: Self.hosts) : nil,
      address: "203.0.113.\(number(1...5))",
      idempotencyKey: isLikely(30) ? "0123456789abcde\(number(1...2))" : nil
    )
  }

  /// Mostly a late one, at times one that never was.
  private mutating func reservation() -> ReservationID {
    guard isLikely(97), !run.reservations.isEmpty else { return .random() }
    return one(of: run.reservations.suffix(8))
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  private mutating func one<Choices: Collection>(of choices: Choices) -> Choices.Element {
    guard let choice = choices.randomElement(using: &random) else {
      preconditionFailure("There is nothing to choose from.")
    }
    return choice
  }

  private mutating func isLikely(_ percent: Int) -> Bool { number(1...100) <= percent }
}
