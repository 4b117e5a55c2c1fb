import Domain
import HTTPTypes
import JSON

/// `/v1/admin/sessions`.
extension AdminRoutes {
  var sessionEndpoints: [Endpoint] {
    [
      guarded(.get, "/v1/admin/sessions") { try await listSessions($0) },
      guarded(.get, "/v1/admin/sessions/{id}") { call in
        try await administration.session(call.parameter("id")).jsonWithLedger
      },
      guarded(.delete, "/v1/admin/sessions/{id}") { call in
        try await administration.endSession(call.parameter("id")).json
      },
    ]
  }

  private func listSessions(_ call: Call) async throws -> JSONValue {
    let filter = SessionFilter(
      cafe: try call.name("cafe"),
      game: try call.name("game"),
      pc: try call.name("pc"),
      from: try call.instant("from"),
      to: try call.instant("to")
    )
    return try await administration.listSessions(filter, try call.page())
      .json("sessions") { $0.json }
  }
}
