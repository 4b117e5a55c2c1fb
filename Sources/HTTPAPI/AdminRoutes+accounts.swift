import Domain
import HTTPTypes
import JSON

/// `/v1/admin/settlements` and `/v1/admin/reconciliation`: what is computed from the whole ledger.
extension AdminRoutes {
  var accountEndpoints: [Endpoint] {
    [
      guarded(.get, "/v1/admin/settlements/{month}") { try await settle($0) },
      guarded(.get, "/v1/admin/reconciliation") { _ in try await accounting.reconcile().json },
    ]
  }

  private func settle(_ call: Call) async throws -> JSONValue {
    guard let month = Month(call.parameter("month")) else {
      throw Payload.refusal("month", Month.rule)
    }
    let request = SettlementRequest(
      month: month,
      cafe: try call.name("cafe"),
      game: try call.name("game"),
      isPreview: try call.flag("preview")
    )
    return try await accounting.settle(request).json
  }
}

extension Call {
  /// A switch of the query: `true`, `false`, or absent for false.
  fileprivate func flag(_ field: String) throws(APIError) -> Bool {
    guard let text = query(field), !text.isEmpty else { return false }
    guard let flag = Bool(text) else { throw Payload.refusal(field, "true or false") }
    return flag
  }
}
