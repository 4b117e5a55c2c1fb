import Domain
import HTTPTypes
import JSON

/// `/v1/admin/cafes`.
extension AdminRoutes {
  private static let maximumNameCharacters = 100
  private static let maximumReasonCharacters = 200

  var cafeEndpoints: [Endpoint] {
    [
      guarded(.get, "/v1/admin/cafes") { try await listCafes($0) },
      guarded(.post, "/v1/admin/cafes") { try await createCafe($0) },
      guarded(.get, "/v1/admin/cafes/{id}") { call in
        try await administration.cafe(try cafeID(of: call)).json
      },
      guarded(.post, "/v1/admin/cafes/{id}/topups") { try await topUp($0) },
      guarded(.post, "/v1/admin/cafes/{id}/adjustments") { try await adjust($0) },
      guarded(.post, "/v1/admin/cafes/{id}/compensations") { try await compensate($0) },
      guarded(.post, "/v1/admin/cafes/{id}/suspend") { try await suspend($0) },
      guarded(.post, "/v1/admin/cafes/{id}/resume") { call in
        try await administration.resume(try cafeID(of: call)).json
      },
      guarded(.post, "/v1/admin/cafes/{id}/rotate-secret") { try await rotateSecret($0) },
    ]
  }

  private func listCafes(_ call: Call) async throws -> JSONValue {
    try await administration.listCafes(try call.page()).json("cafes") { $0.json }
  }

  private func createCafe(_ call: Call) async throws -> JSONValue {
    let payload = try call.payload()
    let cafe = NewCafe(
      id: try payload.name("cafe_id"),
      name: try payload.text("name", maximumCharacters: Self.maximumNameCharacters),
      networks: try networks(of: payload)
    )
    return try await administration.createCafe(cafe).json
  }

  private func networks(of payload: Payload) throws(APIError) -> [Network] {
    let most = NewCafe.maximumNetworks
    guard let texts = payload.value("networks")?.array, (1...most).contains(texts.count) else {
      throw Payload.refusal("networks", "a list of 1 to \(most) networks")
    }
    let networks = texts.compactMap { $0.string.flatMap(Network.init) }
    guard networks.count == texts.count else {
      throw Payload.refusal("networks", "in CIDR notation, without bits behind the prefix")
    }
    return networks
  }

  private func topUp(_ call: Call) async throws -> JSONValue {
    let id = try cafeID(of: call)
    let payload = try call.payload()
    let amount = try payload.integer("amount_mgcoin", in: 1...Money.maximumBalance.milliGCoin)
    let entry = BalanceEntry.topup(
      Money(milliGCoin: amount),
      ref: try payload.name("ref")
    )
    return try await administration.book(entry, for: id).json(of: id)
  }

  private func adjust(_ call: Call) async throws -> JSONValue {
    let id = try cafeID(of: call)
    let payload = try call.payload()
    let most = Money.maximumBalance.milliGCoin
    let amount = try payload.integer("amount_mgcoin", in: -most...most)
    guard amount != 0 else { throw Payload.refusal("amount_mgcoin", "another number than 0") }
    let entry = BalanceEntry.adjustment(
      Money(milliGCoin: amount),
      ref: try payload.name("ref"),
      reason: try payload.text("reason", maximumCharacters: Self.maximumReasonCharacters)
    )
    return try await administration.book(entry, for: id).json(of: id)
  }

  private func compensate(_ call: Call) async throws -> JSONValue {
    let id = try cafeID(of: call)
    let payload = try call.payload()
    let from = try payload.instant("from")
    let to = try payload.instant("to")
    guard from < to else { throw Payload.refusal("to", "later than from") }
    let percents = Compensation.percents
    let range = Int64(percents.lowerBound)...Int64(percents.upperBound)
    let compensation = Compensation(
      from: from,
      to: to,
      percent: Int(try payload.integer("percent", in: range)),
      reference: try payload.name("ref")
    )
    return try await administration.compensate(compensation, for: id).json(of: id)
  }

  private func suspend(_ call: Call) async throws -> JSONValue {
    let id = try cafeID(of: call)
    let endSessions = try call.optionalPayload().optionalBool("end_sessions") ?? false
    return try await administration.suspend(id, endSessions: endSessions).json
  }

  private func rotateSecret(_ call: Call) async throws -> JSONValue {
    let id = try cafeID(of: call)
    let revoke = try call.optionalPayload().optionalBool("revoke_previous") ?? false
    return try await administration.rotateSecret(of: id, revokePrevious: revoke).json
  }

  /// A path whose segment is no identifier names a cafe that does not exist.
  private func cafeID(of call: Call) throws(APIError) -> CafeID {
    guard let id = CafeID(call.parameter("id")) else {
      throw APIError(.cafeNotFound, "There is no such cafe.")
    }
    return id
  }
}
