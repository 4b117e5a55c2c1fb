import Domain
import RedisClient
import Signatures
import Synchronization

/// The registry of hosts and the matchmaker on Redis: each call is one script.
///
/// It remembers the epoch of the hosts that Redis told last, so that a Redis which lost its hosts
/// is noticed by the first call, and clients are asked to wait instead of being told that there are
/// none.
public final class RedisHosts: HostRegistry, Matchmaker {
  let link: RedisLink
  private let limits: MatchLimits
  /// Their clock's key, which every call names.
  private let clock: String
  /// The epoch of the hosts. Until it is known, what a new one is to be called; Redis adds a colon
  /// and the time.
  private let epoch = Mutex(Hex.encode(RandomBytes.generate(count: 8)))

  /// The ports over a link.
  public init(link: RedisLink, limits: MatchLimits = MatchLimits()) {
    self.link = link
    clock = link.keys.hostsKey(.clock)
    self.limits = limits
  }

  public func heartbeat(_ beat: HostBeat) async throws(ServiceFault) {
    // One argument for all, which the script compares as it is with what it knows.
    let slots = beat.availableSlots.map { String($0) } ?? ""
    let status = beat.status?.rawValue ?? ""
    let said = "\(beat.room.text) \(beat.region.text) \(beat.capacity) \(slots) \(status) "
    _ = try await run(link.scripts.hostHeartbeat, [beat.id.text, beat.region.text, said])
  }

  public func setStatus(
    _ status: HostStatus,
    of host: HostID
  ) async throws(ServiceFault) -> Bool {
    try await isDone(link.scripts.hostStatus, [host.text, status.rawValue])
  }

  public func leave(_ host: HostID) async throws(ServiceFault) -> Bool {
    try await isDone(link.scripts.hostLeave, [host.text])
  }

  public func drain(_ host: HostID, isDrained: Bool) async throws(ServiceFault) -> Bool {
    try await isDone(link.scripts.hostDrain, [host.text, isDrained ? "1" : "0"])
  }

  /// Finds a host. Almost always one step; more when much has ended that nobody swept, so that no
  /// step holds up Redis for long.
  public func find(_ request: MatchRequest) async throws(ServiceFault) -> MatchOutcome {
    let reservation: ReservationID = link.newID(in: Partition(number: 0))
    for _ in 0..<Self.mostFindSteps {
      if let outcome = try await findStep(request, reservation) { return outcome }
    }
    // Not that there is none: a host may be free, only nobody knows yet.
    throw .unavailable("too many reservations lapse at once")
  }

  /// Each lets 96 reservations lapse in less than two milliseconds. So this is enough for all that
  /// can be made within the second between two sweeps, some 16,000, without any sweeper's help.
  private static let mostFindSteps = 200

  /// Nil when the step ended before it knew.
  private func findStep(
    _ request: MatchRequest,
    _ reservation: ReservationID
  ) async throws(ServiceFault) -> MatchOutcome? {
    var words =
      [
        reservation.description, request.address, limits.pendingPerAddress.map(String.init) ?? "",
        request.idempotencyKey ?? "", request.host?.text ?? "",
      ] + request.regions.map(\.text)
    // What is not said at the end need not travel.
    while words.last == "" { words.removeLast() }
    var reply = try await run(link.scripts.matchFind, words)
    switch try reply.text() {
    case "found": return .found(try reply.match())
    case "none": return .noneFree
    case "more": return nil
    case "warming": return .warmingUp(retryAfterSeconds: try reply.secondsToWait())
    case "too_many": return .tooManyPending(retryAfterSeconds: try reply.secondsToWait())
    case let name: throw reply.unknown(name)
    }
  }

  public func confirm(_ reservation: ReservationID) async throws(ServiceFault) -> Bool {
    try await isDone(link.scripts.matchConfirm, [reservation.description])
  }

  public func release(_ reservation: ReservationID) async throws(ServiceFault) -> Bool {
    try await isDone(link.scripts.matchRelease, [reservation.description])
  }

  /// Removes what dead hosts left, a batch.
  ///
  /// - Returns: How many hosts were removed, and whether more is left to do.
  public func sweep() async throws(ServiceFault) -> (removed: Int64, isMoreLeft: Bool) {
    var reply = try await run(link.scripts.hostsSweep, [String(Self.sweptAtOnce)])
    let removed = try reply.integer()
    return (removed, try reply.text() == "1")
  }

  /// Dead hosts that one call removes; keeps it below two milliseconds.
  private static let sweptAtOnce = 50

  private func isDone(
    _ script: RedisScript,
    _ arguments: [String]
  ) async throws(ServiceFault) -> Bool {
    var reply = try await run(script, arguments)
    switch try reply.text() {
    case "done": return true
    case "unknown": return false
    case let name: throw reply.unknown(name)
    }
  }

  /// Runs a script with the epoch that is known, and reads off its reply which one it is if that is
  /// news.
  func run(
    _ script: RedisScript,
    _ arguments: [String]
  ) async throws(ServiceFault) -> ReplyReader {
    let known = epoch.withLock { $0 }
    var reply = try await link.run(script, clock: clock, [known] + arguments)
    let news = try reply.text()
    if !news.isEmpty { epoch.withLock { $0 = news } }
    return reply
  }
}

extension ReplyReader {
  fileprivate mutating func match() throws(ServiceFault) -> Match {
    let reservation = try parsed { ReservationID($0) }
    let host = try parsed(HostID.init)
    let room = try parsed(RoomID.init)
    let region = try parsed(Region.init)
    return Match(
      reservation: reservation,
      host: host,
      room: room,
      region: region,
      expiresAt: Instant(milliseconds: try integer())
    )
  }

  /// Milliseconds as whole seconds, rounded up, at least one.
  fileprivate mutating func secondsToWait() throws(ServiceFault) -> Int64 {
    max(1, (try integer() + 999) / 1000)
  }
}
