import Domain
import HTTPTypes
import JSON

/// `/v1/admin/hosts`.
extension AdminRoutes {
  var hostEndpoints: [Endpoint] {
    [
      guarded(.get, "/v1/admin/hosts") { try await listHosts($0) },
      guarded(.post, "/v1/admin/hosts/{id}/drain") { try await drainHost($0) },
    ]
  }

  private func listHosts(_ call: Call) async throws -> JSONValue {
    let filter = HostFilter(region: try call.name("region"), selection: try selection(of: call))
    return try await hosts.hosts(filter, try call.page()).json("hosts") { $0.json }
  }

  /// An operator looks for hosts that nobody is sent to, too.
  private func selection(of call: Call) throws(APIError) -> HostFilter.Selection {
    guard let text = call.query("status"), !text.isEmpty else { return .all }
    guard let selection = HostFilter.Selection(rawValue: text) else {
      throw Payload.refusal("status", "matchable, busy or all")
    }
    return selection
  }

  private func drainHost(_ call: Call) async throws -> JSONValue {
    let isUndone = try call.optionalPayload().optionalBool("undo") ?? false
    // A path whose segment is no identifier names a host that does not exist.
    guard let id = HostID(call.labelParameter("id")),
      try await hosts.drain(id, isDrained: !isUndone)
    else { throw APIError(.notFound, "There is no such host.") }
    return id.json(isDrained: !isUndone)
  }
}
