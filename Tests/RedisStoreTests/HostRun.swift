import Domain
import Support

@testable import RedisStore

/// Does each step on Redis and in the model, and throws at the first difference.
struct HostRun {
  static let pendingPerAddress = 3
  /// Times move by multiples of this. No duration of ``timings`` is nearer than 4 s to one, so it
  /// does not matter how long the steps between two moves really take.
  static let stride: Int64 = 13

  /// The published ones, but what is confirmed lasts for some strides only.
  static var timings: Timings {
    var timings = Timings()
    timings.matchConfirmedTTL = .seconds(150)
    return timings
  }

  let stage: HostStage
  private(set) var model = HostModel(timings: timings, pendingPerAddress: pendingPerAddress)
  /// Redis' time at the model's zero, in milliseconds.
  private let start: Int64
  /// Seconds that have passed since then.
  private var passed: Int64 = 0
  /// Every reservation there ever was.
  private(set) var reservations: [ReservationID] = []

  init(_ stage: HostStage) async throws {
    self.stage = stage
    start = try await stage.now()
  }

  mutating func pass(strides: Int64) {
    passed += strides * Self.stride
    model.pass(seconds: strides * Self.stride)
    // The milliseconds of finds do not add up.
    stage.server.clock.hold(atMilliseconds: start + passed * 1000)
  }

  mutating func heartbeat(_ beat: HostBeat) async throws {
    try await stage.hosts.heartbeat(beat)
    model.heartbeat(beat)
  }

  mutating func setStatus(_ status: HostStatus, of host: HostID) async throws {
    let answer = try await stage.hosts.setStatus(status, of: host)
    try compare(answer, model.setStatus(status, of: host))
  }

  mutating func leave(_ host: HostID) async throws {
    try compare(try await stage.hosts.leave(host), model.leave(host))
  }

  mutating func drain(_ host: HostID, isDrained: Bool) async throws {
    let answer = try await stage.hosts.drain(host, isDrained: isDrained)
    try compare(answer, model.drain(host, isDrained: isDrained))
  }

  mutating func confirm(_ reservation: ReservationID) async throws {
    let answer = try await stage.hosts.confirm(reservation)
    try compare(answer, model.confirm(reservation))
  }

  mutating func release(_ reservation: ReservationID) async throws {
    let answer = try await stage.hosts.release(reservation)
    try compare(answer, model.release(reservation))
  }

  /// Finds, and tells whether there was one.
  @discardableResult
  mutating func find(_ request: MatchRequest) async throws -> Bool {
    // The oldest reservation of a host is told by the millisecond.
    stage.server.clock.advance(by: .milliseconds(1))
    let outcome = try await stage.hosts.find(request)
    let expected = model.find(request)
    switch (outcome, expected) {
    case (.found(let match), .same(let id)) where match.reservation == id:
      return try check(match)
    case (.found(let match), .anyOf(let hosts)) where hosts.contains(match.host):
      model.reserve(match.reservation, match.host, for: request)
      reservations.append(match.reservation)
      return try check(match)
    case (.noneFree, .anyOf([])):
      return false
    case (.tooManyPending(let wait), .tooMany(let seconds)) where isNear(wait, seconds):
      return false
    default:
      throw SupportError("\(request): \(outcome), not \(expected)")
    }
  }

  /// A match tells its host as it is, and its own end.
  private func check(_ match: Match) throws -> Bool {
    let reservation = model.reservations.first { $0.id == match.reservation }
    let host = model.hosts[match.host]
    guard let reservation, let host, host.room == match.room, host.id == reservation.host,
      isNear((match.expiresAt.milliseconds - start) / 1000, reservation.until)
    else { throw SupportError("\(match), not \(reservation as Any) of \(host as Any)") }
    return true
  }

  /// The whole list: who lives, what they are and how many slots are free.
  func compareList() async throws {
    while try await stage.hosts.sweep().isMoreLeft {}
    let rows = try await stage.list()
    try compare(Set(rows.map(\.id)), Set(model.hosts.keys))
    for row in rows {
      guard let host = model.hosts[row.id] else { continue }
      let ttl = host.heard + HostRun.timings.hostTTL.components.seconds - model.now
      guard row.room == host.room, row.region == host.region, row.status == host.status,
        row.capacity == host.capacity, row.availableSlots == model.free(host),
        row.isDrained == model.drained.contains(row.id),
        isNear((row.lastHeartbeat.milliseconds - start) / 1000, host.heard),
        isNear(row.ttlMilliseconds / 1000, ttl)
      else {
        throw SupportError("\(row), not \(host) with \(model.free(host)) free at \(model.now)")
      }
    }
  }

  private func compare<T: Equatable>(_ found: T, _ expected: T) throws {
    guard found == expected else { throw SupportError("\(found), not \(expected)") }
  }

  /// Equal but for the time that the steps themselves take.
  private func isNear(_ found: Int64, _ expected: Int64) -> Bool { abs(found - expected) <= 3 }
}
