import Domain
import HTTPTypes
import JSON

/// `/api`: what a gaming PC calls that offers itself for streaming, and the clients that look for
/// one. Programs of others speak this API already, so its names and texts are fixed.
struct HostRoutes: Sendable {
  /// Its refusals carry more than others do.
  static let findPath = "/api/match/find"
  private static let statuses = Dictionary(
    uniqueKeysWithValues: HostStatus.allCases.map { ($0.rawValue, $0) }
  )

  let registry: any HostRegistry
  let matchmaker: any Matchmaker
  let settings: HostAPISettings
  let secrets: HostSecrets
  let lists: HostLists
  /// The regions by name.
  let regions: [String: Region]
  /// The service's own clock in Unix seconds.
  let now: @Sendable () -> Int64
  private let timings: Timings
  private let callers: CallerLimits

  init(
    _ api: HostAPI,
    timings: Timings,
    callers: CallerLimits,
    now: @escaping @Sendable () -> Int64
  ) {
    registry = api.registry
    matchmaker = api.matchmaker
    settings = api.settings
    secrets = HostSecrets(api.settings.secrets)
    lists = HostLists(registry: api.registry, clock: api.clock)
    let named = api.settings.regions.map { ($0.text, $0) }
    regions = Dictionary(named) { first, _ in first }
    self.now = now
    self.timings = timings
    self.callers = callers
  }

  var endpoints: [Endpoint] {
    [
      Endpoint(.post, "/api/host/heartbeat") { try await heartbeat($0) },
      Endpoint(.post, "/api/host/status") { try await setStatus($0) },
      Endpoint(.delete, "/api/host/{hostId}") { try await leave($0) },
    ] + listEndpoints + matchEndpoints
  }

  private func heartbeat(_ call: Call) async throws -> Reply {
    try requireSecret(call)
    var fields = try call.hostFields()
    let host = fields.name("hostId", HostID.self)
    let room = fields.name("roomId", RoomID.self)
    let region = fields.choice("region", among: regions)
    let status = fields.choice("status", among: Self.statuses)
    let capacity = fields.integer("capacity", in: HostBeat.capacities)
    // More free slots than the capacity are no fault: the smaller of both counts.
    let slots = fields.integer("availableSlots", in: 0...HostBeat.capacities.upperBound)
    try fields.requireNoIssues()
    guard let host, let room else { throw fields.refusal }
    let beat = HostBeat(
      id: host,
      room: room,
      region: region ?? settings.defaultRegion,
      status: status,
      capacity: capacity ?? 1,
      availableSlots: slots
    )
    try await registry.heartbeat(beat)
    return Reply(
      .ok,
      .object([.init("success", true), .init("ttl", .integer(timings.hostTTL.wholeSeconds))])
    )
  }

  private func setStatus(_ call: Call) async throws -> Reply {
    try requireSecret(call)
    var fields = try call.hostFields()
    let host = fields.name("hostId", HostID.self)
    let status = fields.requiredChoice("status", among: Self.statuses)
    guard let host, let status else { throw fields.refusal }
    guard try await registry.setStatus(status, of: host) else { throw Self.hostNotFound }
    return Self.success
  }

  private func leave(_ call: Call) async throws -> Reply {
    try requireSecret(call)
    guard let host = HostID(call.labelParameter("hostId")), try await registry.leave(host) else {
      throw Self.hostNotFound
    }
    return Self.success
  }

  /// Refuses whoever is no host of ours.
  private func requireSecret(_ call: Call) throws(APIError) {
    if let refusal = secrets.refusal(of: call) { throw refusal }
  }

  /// Counts a request against its address.
  ///
  /// - Returns: The address as one that holds reservations.
  @discardableResult
  func limit(_ call: Call) throws -> String {
    try callers.admitAddress(of: call.request)
  }

  static let success = Reply(.ok, ["success": true])
  /// Its program then registers anew.
  private static let hostNotFound = APIError(.notFound, "Host not found")
}
