import Domain
import RedisClient

/// Counts what lives, with commands whose cost does not grow with the number of sessions or hosts:
/// a few for each partition and one for each cafe.
public struct RedisCensus: Sendable {
  /// Commands of one round trip; few enough that other commands hardly wait for them.
  private static let batch = 256

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

  /// The scripts count hosts and events as they change them.
  private func addHosts(to census: inout Census) async throws(ServiceFault) {
    let key = link.keys.hostsKey(.tally)
    let fields = try await link.send(RedisCommand("HGETALL", key)).texts
    for index in stride(from: 0, to: fields.count - 1, by: 2) {
      let count = Int64(fields[index + 1]) ?? 0
      let parts = fields[index].split(separator: ":", maxSplits: 2).map(String.init)
      switch (parts.first, parts.count) {
      case ("hosts", 3):
        census.hosts.append(.init(region: parts[2], status: parts[1], count: count))
      case ("reservation_ended", 2):
        census.reservations[parts[1]] = count
      case ("reservation_pending", 1), ("reservation_confirmed", 1):
        census.reservations[String(parts[0].dropFirst("reservation_".count))] = count
      default:
        break
      }
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
  /// A count; 0 for anything else.
  fileprivate var count: Int64 {
    if case .integer(let number) = self { number } else { 0 }
  }
}
