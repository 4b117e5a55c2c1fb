public import Domain
public import Ledger
import RedisClient

/// What Redis holds of living sessions and of cafes, to be compared with the ledger. It only reads.
///
/// Each look is one script, whose answer carries the number of the partition's last ledger line: so
/// it can be compared with exactly the lines that were written by then, whatever the billing worker
/// does meanwhile.
public struct RedisLiveState: Sendable {
  /// Sessions or cafes that one script looks at, so that it stays well below 2 ms.
  public static let batch = 50
  /// Members that one step of a scan asks for.
  private static let scanCount = "500"

  private let link: RedisLink

  /// The state behind a link.
  public init(link: RedisLink) {
    self.link = link
  }

  /// Every partition that has a ledger; the last one is the games'.
  public var partitions: [Partition] { link.keys.partitions + [link.keys.gamesPartition] }

  /// A session to look at. Cafe and PC are only needed to find what it left behind.
  public struct Candidate: Hashable, Sendable {
    /// The session.
    public let id: String
    /// Its cafe, where that is known.
    public let cafe: String
    /// Its PC, where that is known.
    public let pc: String

    /// A candidate from its parts.
    public init(id: String, cafe: String = "", pc: String = "") {
      self.id = id
      self.cafe = cafe
      self.pc = pc
    }
  }

  /// What was seen, and the number of the last ledger line at that moment.
  public struct Look<Row: Sendable>: Sendable {
    /// The partition's last ledger number.
    public let sequence: Int64
    /// What was seen.
    public let rows: [Row]
  }

  /// What time it is for Redis.
  public func now() async throws(ServiceFault) -> Instant {
    let parts = try await link.send(RedisCommand("TIME")).texts.compactMap { Int64(stored: $0) }
    guard parts.count == 2 else { throw .broken("Redis answered TIME with something else") }
    return Instant(milliseconds: parts[0] * 1000 + parts[1] / 1000)
  }

  /// Looks at sessions, at most ``batch`` of them.
  public func sessions(
    _ candidates: [Candidate],
    in partition: Partition
  ) async throws(ServiceFault) -> Look<LiveSession> {
    let arguments = candidates.flatMap { [$0.id, $0.cafe, $0.pc] }
    return try await look(link.scripts.auditSessions, partition, arguments) {
      (reply: inout ReplyReader) throws(ServiceFault) in try reply.liveSession()
    }
  }

  /// Looks at cafes, at most ``batch`` of them; with none only the ledger number is told.
  public func cafes(
    _ ids: [String],
    in partition: Partition
  ) async throws(ServiceFault) -> Look<LiveCafe> {
    try await look(link.scripts.auditCafes, partition, ids) {
      (reply: inout ReplyReader) throws(ServiceFault) in try reply.liveCafe()
    }
  }

  /// The partition's cafes as Redis lists them.
  public func cafeIDs(in partition: Partition) async throws(ServiceFault) -> [String] {
    try await link.send(RedisCommand("SMEMBERS", link.keys.key(.cafes, in: partition))).texts
  }

  /// Calls the body with every session that some place of Redis takes for living: the cafes'
  /// lists, the next steps, and the PCs. One may come several times.
  public func forEachCandidate(
    in partition: Partition,
    of cafes: [String],
    _ body: ([Candidate]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    for cafe in cafes {
      let key = link.keys.key(.live, cafe, in: partition)
      try await scan("SSCAN", key) { (members: [String]) async throws(ServiceFault) in
        try await body(members.map { Candidate(id: $0, cafe: cafe) })
      }
    }
    let due = link.keys.key(.due, in: partition)
    try await scan("ZSCAN", due) { (values: [String]) async throws(ServiceFault) in
      let members = stride(from: 0, to: values.count, by: 2).map { values[$0] }
      let sessions = members.filter { !$0.contains("|") }.map { Candidate(id: $0) }
      let launchers = members.filter { $0.contains("|") }
      try await body(sessions + (try await sessionsOnPCs(of: launchers, in: partition)))
    }
  }

  /// The sessions on the PCs of launchers, each of which is `<launcher>|<cafe>|<PC>`.
  private func sessionsOnPCs(
    of launchers: [String],
    in partition: Partition
  ) async throws(ServiceFault) -> [Candidate] {
    let places = launchers.map { $0.split(separator: "|").map(String.init) }
      .filter { $0.count == 3 }
    guard !places.isEmpty else { return [] }
    let commands = places.map { place in
      let key = link.keys.key(.pc, "\(place[1]):\(place[2])", in: partition)
      return RedisCommand("GET", key)
    }
    let replies = try await link.send(commands)
    return zip(places, replies)
      .compactMap { place, reply in
        Self.session(in: reply).map { Candidate(id: $0, cafe: place[1], pc: place[2]) }
      }
  }

  /// The game session in a place as `lib/pc.lua` writes it.
  private static func session(in place: RedisReply) -> String? {
    let parts = place.textIfAny?.split(separator: " ", omittingEmptySubsequences: false) ?? []
    return parts.count == 3 && !parts[1].isEmpty ? String(parts[1]) : nil
  }

  private func scan(
    _ command: String,
    _ key: String,
    _ body: ([String]) async throws(ServiceFault) -> Void
  ) async throws(ServiceFault) {
    var cursor = "0"
    repeat {
      let reply = try await link.send(RedisCommand(command, key, cursor, "COUNT", Self.scanCount))
      guard case .array(let parts) = reply, parts.count == 2, let next = parts[0].textIfAny else {
        throw .broken("\(command) answered \(reply)")
      }
      try await body(parts[1].texts)
      cursor = next
    } while cursor != "0"
  }

  private func look<Row>(
    _ script: RedisScript,
    _ partition: Partition,
    _ arguments: [String],
    _ row: (inout ReplyReader) throws(ServiceFault) -> Row
  ) async throws(ServiceFault) -> Look<Row> {
    var reply = try await link.run(script, clock: link.keys.key(.clock, in: partition), arguments)
    let sequence = try reply.integer()
    link.watermark.note(sequence, of: partition)
    var rows: [Row] = []
    while !reply.isAtEnd { rows.append(try row(&reply)) }
    return Look(sequence: sequence, rows: rows)
  }
}
