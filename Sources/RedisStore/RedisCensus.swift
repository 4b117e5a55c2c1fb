import Domain
import RedisClient

/// Counts what lives, with commands whose cost does not grow with the number of sessions or hosts:
/// a few for each partition and one for each cafe.
public struct RedisCensus: Sendable {
  /// Commands of one round trip; few enough that other commands hardly wait for them.
  private static let batch = 256
  /// What can become of a reservation, with room for later versions.
  private static let outcomes: ClosedRange<Int64> = 0...64

  private let link: RedisLink

  /// A census behind a link.
  public init(link: RedisLink) {
    self.link = link
  }

  /// Counts everything once. Numbers that change meanwhile may differ by those changes.
  public func take() async throws(ServiceFault) -> Census {
    var census = Census()
    var liveSets: [String] = []
    for partition in link.keys.partitions {
      let replies = try await link.send([
        RedisCommand("ZCARD", link.keys.key(.due, in: partition)),
        RedisCommand("SCARD", link.keys.key(.grace, in: partition)),
        RedisCommand("HLEN", link.keys.key(.aside, in: partition)),
        RedisCommand("SMEMBERS", link.keys.key(.cafes, in: partition)),
      ])
      census.launchers += replies[0].count
      census.inGrace += replies[1].count
      census.setAside += replies[2].count
      let cafes = replies[3].texts
      census.cafes += Int64(cafes.count)
      liveSets += cafes.map { link.keys.key(.live, $0, in: partition) }
    }
    let sessions = try await members(of: liveSets)
    // Whatever is due is a session or a launcher.
    census.launchers = max(0, census.launchers - sessions)
    census.running = max(0, sessions - census.inGrace)
    try await addHosts(to: &census)
    return census
  }

  private func members(of sets: [String]) async throws(ServiceFault) -> Int64 {
    var sum: Int64 = 0
    for start in stride(from: 0, to: sets.count, by: Self.batch) {
      let commands = sets[start..<min(start + Self.batch, sets.count)]
        .map { RedisCommand("SCARD", $0) }
      sum += try await link.send(commands).reduce(0) { $0 + $1.count }
    }
    return sum
  }

  /// The scripts count hosts and what becomes of reservations as they change them. They do not
  /// count new reservations, which would be 2 µs for each search: each one that ever was has either
  /// ended or not.
  private func addHosts(to census: inout Census) async throws(ServiceFault) {
    var reply = try await link.run(link.scripts.hostsCount, clock: link.keys.hostsKey(.clock), [])
    var pending = try reply.integer()
    let outcomes = try reply.integer()
    guard Self.outcomes.contains(outcomes) else { throw .broken("\(outcomes) outcomes counted") }
    for _ in 0..<outcomes {
      let outcome = try reply.text()
      let count = try reply.integer()
      census.reservations[outcome] = count
      if outcome != "confirmed" { pending += count }
    }
    if pending > 0 { census.reservations["pending"] = pending }
    while !reply.isAtEnd {
      let place = try reply.text().split(separator: ":", maxSplits: 1).map(String.init)
      guard place.count == 2 else { throw .broken("hosts are counted at \(place)") }
      census.hosts.append(.init(region: place[1], status: place[0], count: try reply.integer()))
    }
  }
}

/// What a census counted.
public struct Census: Sendable, Equatable {
  /// Hosts of a region and a status.
  public struct Hosts: Sendable, Equatable {
    /// The region's name.
    public let region: String
    /// `idle`, `busy` or `draining`.
    public let status: String
    /// How many there are; dead ones count until they are swept, about a second.
    public let count: Int64
  }

  /// Sessions that are played and paid.
  public internal(set) var running: Int64 = 0
  /// Sessions whose money is spent and whose grace lasts.
  public internal(set) var inGrace: Int64 = 0
  /// Launcher sessions.
  public internal(set) var launchers: Int64 = 0
  /// Cafes.
  public internal(set) var cafes: Int64 = 0
  /// Entries that could not be billed and wait for an operator.
  public internal(set) var setAside: Int64 = 0
  /// Hosts that live.
  public internal(set) var hosts: [Hosts] = []
  /// How many reservations were ever `pending` and `confirmed`, and how many ended for each reason:
  /// `released`, `lapsed`, `expired`, `idle`, `left`, `new_room`.
  public internal(set) var reservations: [String: Int64] = [:]
}

extension RedisReply {
  /// Redis keeps no more than 2^32 of anything in one place.
  private static let counts: ClosedRange<Int64> = 0...(1 << 32)

  /// A count; 0 for anything else.
  fileprivate var count: Int64 {
    if case .integer(let number) = self, Self.counts.contains(number) { number } else { 0 }
  }
}
