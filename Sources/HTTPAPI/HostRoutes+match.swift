import Domain
import HTTPTypes
import JSON

/// A client's search for a host.
extension HostRoutes {
  /// Keys are known per address, and households share one: shorter ones could meet.
  private static let keyLengths = 16...128

  var matchEndpoints: [Endpoint] {
    [
      Endpoint(.post, Self.findPath) { try await find($0) },
      Endpoint(.post, "/api/match/{reservationId}/confirm") { call in
        try await settle(call) { id throws(ServiceFault) in try await matchmaker.confirm(id) }
      },
      Endpoint(.post, "/api/match/{reservationId}/release") { call in
        try await settle(call) { id throws(ServiceFault) in try await matchmaker.release(id) }
      },
    ]
  }

  private func find(_ call: Call) async throws -> Reply {
    let address = try limit(call)
    switch try await matchmaker.find(try request(of: call, address)) {
    case .found(let match):
      return try await found(match)
    case .noneFree:
      return Self.noneFree
    case .warmingUp(let seconds):
      // No failure, so nothing for the log: Redis answers, it only cannot know yet.
      let error = APIError(
        .unavailable,
        "The service is warming up; try again in a moment.",
        fields: [.retryAfter: String(max(1, seconds))]
      )
      return ErrorMap.reply(for: error, path: call.path, requestID: call.requestID)
    case .tooManyPending(let seconds):
      throw APIError.tooMany("Too many reservations are pending.", afterSeconds: seconds)
    }
  }

  private func request(of call: Call, _ address: String) throws -> MatchRequest {
    var fields = try call.hostFields(isOptional: true)
    let region = fields.choice("region", among: regions)
    let limit = MatchRequest.maximumFallbacks
    let fallbacks = fields.choices("fallback", atMost: limit, among: regions)
    let host = fields.optionalName("hostId", HostID.self)
    let key = call.fields[.idempotencyKey]
    if let key, !Payload.isLabel(key) || !Self.keyLengths.contains(key.utf8.count) {
      let least = Self.keyLengths.lowerBound
      let code: FieldIssue.Code = key.utf8.count < least ? .tooSmall : .invalidString
      fields.note("Idempotency-Key", code, "Expected 16 to 128 printable characters")
    }
    try fields.requireNoIssues()
    return MatchRequest(
      regions: wanted(region, fallbacks),
      host: host,
      address: address,
      idempotencyKey: key
    )
  }

  /// The regions to search, in their order; none for any, and then no others are needed besides.
  /// Where there is just one, Redis need not look which ones have hosts: 1 to 2 µs of a search.
  private func wanted(_ first: Region?, _ fallbacks: [Region]) -> [Region] {
    guard let first else { return settings.regions.count == 1 ? settings.regions : [] }
    return [first] + fallbacks.filter { $0 != first }
  }

  private func found(_ match: Match) async throws -> Reply {
    guard let signalingURL = settings.signalingURL else {
      // The host came to another instance, and nobody can meet it through this one.
      _ = try await matchmaker.release(match.reservation)
      return Self.noneFree
    }
    let reservation = match.reservation.description
    return Reply(
      .ok,
      .object([
        .init("found", true),
        .init("hostId", .string(match.host.text)),
        .init("roomId", .string(match.room.text)),
        .init("region", .string(match.region.text)),
        .init("signalingUrl", .string(signalingURL)),
        .init("iceServers", settings.iceServers.json(user: reservation, now: now())),
        .init("reservationId", .string(reservation)),
        .init("expiresAt", .integer(match.expiresAt.milliseconds)),
      ])
    )
  }

  /// Confirms or releases a reservation.
  private func settle(
    _ call: Call,
    _ change: (ReservationID) async throws(ServiceFault) -> Bool
  ) async throws -> Reply {
    // A text that is no identifier of ours names a reservation that does not exist.
    guard let id = ReservationID(call.parameter("reservationId")), try await change(id) else {
      throw APIError(.notFound, "Reservation not found")
    }
    return Self.success
  }

  private static let noneFree = Reply(
    .notFound,
    ["found": false, "message": "No host is available at the moment."]
  )
}
