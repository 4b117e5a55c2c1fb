import Domain
import HTTPTypes
import JSON

/// `/v1/admin/holds`.
extension AdminRoutes {
  var holdEndpoints: [Endpoint] {
    [
      guarded(.get, "/v1/admin/holds") { _ in
        ["holds": .array(try await administration.listHolds().map(\.json)), "next_cursor": .null]
      },
      guarded(.post, "/v1/admin/holds") { call in
        let payload = try call.optionalPayload()
        let scope = HoldScope(
          cafe: try payload.optionalName("cafe_id"),
          game: try payload.optionalName("game_id")
        )
        return try await switchHold(true, for: scope)
      },
      guarded(.delete, "/v1/admin/holds") { call in
        let scope = HoldScope(cafe: try call.name("cafe"), game: try call.name("game"))
        return try await switchHold(false, for: scope)
      },
    ]
  }

  private func switchHold(_ isOn: Bool, for scope: HoldScope) async throws -> JSONValue {
    let isApplied = try await administration.switchHold(isOn, for: scope)
    return scope.json(isOn: isOn, isApplied: isApplied)
  }
}
