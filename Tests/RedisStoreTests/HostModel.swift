import Domain

/// What hosts and reservations do by the published contract, written from it and not from the
/// scripts. Time is in whole seconds.
struct HostModel {
  struct Host {
    let id: HostID
    var room: RoomID
    var region: Region
    /// What its heartbeats say.
    var said = HostStatus.idle
    /// What it was told to be; nil lets the heartbeats speak.
    var told: HostStatus?
    var capacity = 1
    var slots: Int?
    var heard: Int64 = 0
    /// How often it has become busy.
    var busies = 0

    var status: HostStatus { told ?? said }
  }

  struct Reservation {
    let id: ReservationID
    let host: HostID
    let address: String
    var until: Int64
    /// The number of the busy whose idle, or that of a later one, ends it; nil while it is pending.
    var busy: Int?
  }

  enum Answer {
    /// The reservation that the idempotency key got before.
    case same(ReservationID)
    case tooMany(seconds: Int64)
    /// Any of these hosts; of none of them when there is none.
    case anyOf(Set<HostID>)
  }

  let timings: Timings
  let pendingPerAddress: Int
  private(set) var now: Int64 = 0
  private(set) var hosts: [HostID: Host] = [:]
  private(set) var drained: Set<HostID> = []
  /// In the order in which they were made.
  private(set) var reservations: [Reservation] = []
  private var keys: [String: ReservationID] = [:]

  init(timings: Timings, pendingPerAddress: Int) {
    self.timings = timings
    self.pendingPerAddress = pendingPerAddress
  }

  mutating func pass(seconds: Int64) {
    now += seconds
    for host in hosts.values where host.heard + timings.hostTTL.components.seconds <= now {
      remove(host.id)
    }
    reservations.removeAll { $0.until <= now }
  }

  mutating func heartbeat(_ beat: HostBeat) {
    if let known = hosts[beat.id], known.room != beat.room { remove(beat.id) }
    var host = hosts[beat.id] ?? Host(id: beat.id, room: beat.room, region: beat.region)
    let before = host.status
    host.region = beat.region
    host.said = beat.status ?? host.said
    host.capacity = beat.capacity
    host.slots = beat.availableSlots
    host.heard = now
    change(&host, from: before)
  }

  mutating func setStatus(_ status: HostStatus, of id: HostID) -> Bool {
    guard var host = hosts[id] else { return false }
    let before = host.status
    host.told = status == .idle ? nil : status
    if status == .idle { host.said = .idle }
    change(&host, from: before)
    return true
  }

  mutating func leave(_ id: HostID) -> Bool {
    defer { remove(id) }
    return hosts[id] != nil
  }

  mutating func drain(_ id: HostID, isDrained: Bool) -> Bool {
    guard hosts[id] != nil || (!isDrained && drained.contains(id)) else { return false }
    if isDrained { drained.insert(id) } else { drained.remove(id) }
    return true
  }

  func find(_ request: MatchRequest) -> Answer {
    if let key = request.idempotencyKey, let id = keys[request.address + key],
      reservations.contains(where: { $0.id == id })
    {
      return .same(id)
    }
    let pending = reservations.filter { $0.address == request.address && $0.busy == nil }
    if pending.count >= pendingPerAddress, let first = pending.map(\.until).min() {
      return .tooMany(seconds: first - now)
    }
    let free = hosts.values.filter {
      self.free($0) > 0 && (request.host == nil || request.host == $0.id)
    }
    if request.regions.isEmpty { return .anyOf(Set(free.map(\.id))) }
    let region = request.regions.first { region in free.contains { $0.region == region } }
    guard request.host == nil else {
      return .anyOf(Set(free.filter { request.regions.contains($0.region) }.map(\.id)))
    }
    return .anyOf(Set(free.filter { $0.region == region }.map(\.id)))
  }

  mutating func reserve(_ id: ReservationID, _ host: HostID, for request: MatchRequest) {
    let until = now + timings.matchReservation.components.seconds
    reservations.append(Reservation(id: id, host: host, address: request.address, until: until))
    if let key = request.idempotencyKey { keys[request.address + key] = id }
  }

  mutating func confirm(_ id: ReservationID) -> Bool {
    guard let index = reservations.firstIndex(where: { $0.id == id }) else { return false }
    if reservations[index].busy == nil {
      confirm(index, busy: (hosts[reservations[index].host]?.busies ?? 0) + 1)
    }
    return true
  }

  mutating func release(_ id: ReservationID) -> Bool {
    defer { reservations.removeAll { $0.id == id } }
    return reservations.contains { $0.id == id }
  }

  /// free = min(availableSlots reported, capacity − confirmed) − pending.
  func free(_ host: Host) -> Int {
    guard host.status == .idle, !drained.contains(host.id) else { return 0 }
    let own = reservations.filter { $0.host == host.id }
    let pending = own.filter { $0.busy == nil }.count
    let open = min(host.slots ?? host.capacity, host.capacity - (own.count - pending))
    return max(0, open - pending)
  }

  private mutating func confirm(_ index: Int, busy: Int) {
    reservations[index].busy = busy
    reservations[index].until = now + timings.matchConfirmedTTL.components.seconds
  }

  private mutating func change(_ host: inout Host, from before: HostStatus) {
    if host.status == .busy, before != .busy {
      host.busies += 1
      let oldest = reservations.firstIndex { $0.host == host.id && $0.busy == nil }
      if let oldest { confirm(oldest, busy: host.busies) }
    }
    if host.status == .idle, before != .idle {
      reservations.removeAll { $0.host == host.id && $0.busy ?? .max <= host.busies }
    }
    hosts[host.id] = host
  }

  private mutating func remove(_ id: HostID) {
    hosts[id] = nil
    reservations.removeAll { $0.host == id }
  }
}
