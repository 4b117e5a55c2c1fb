import Domain
import HTTPTypes
import JSON

/// Lists of live hosts.
extension HostRoutes {
  /// Longer than any cursor of ours; each one is kept with its page.
  private static let maximumCursorBytes = 256
  private static let selections = ["busy": HostFilter.Selection.busy, "all": .all]

  var listEndpoints: [Endpoint] {
    [
      Endpoint(.get, "/api/hosts") { try await list($0) },
      Endpoint(.get, "/api/hosts/ttl") { try await listTTLs($0) },
    ]
  }

  private func list(_ call: Call) async throws -> Reply {
    try limit(call)
    let page = try await page(of: call, otherwise: .matchable)
    let showsRoom = settings.showsRoomsToEveryone || secrets.refusal(of: call) == nil
    return Self.reply(page) { $0.json(showsRoom: showsRoom) }
  }

  private func listTTLs(_ call: Call) async throws -> Reply {
    try limit(call)
    return Self.reply(try await page(of: call, otherwise: .all), \.ttlJSON)
  }

  private func page(
    of call: Call,
    otherwise selection: HostFilter.Selection
  ) async throws -> Page<HostReport> {
    var fields = HostFields(Payload.empty)
    let region = call.filter("region").flatMap { fields.choice($0, "region", among: regions) }
    let status = call.filter("status")
      .flatMap { fields.choice($0, "status", among: Self.selections) }
    let cursor = call.filter("cursor")
    if let cursor, cursor.utf8.count > Self.maximumCursorBytes {
      fields.note("cursor", .tooBig, "Expected at most \(Self.maximumCursorBytes) bytes")
    }
    try fields.requireNoIssues()
    let filter = HostFilter(region: region, selection: status ?? selection)
    return try await lists.page(filter, cursor: cursor)
  }

  private static func reply(
    _ page: Page<HostReport>,
    _ json: (HostReport) -> JSONValue
  ) -> Reply {
    var reply = Reply(.ok, .array(page.rows.map(json)))
    reply.fields[.nextCursor] = page.nextCursor
    return reply
  }
}

extension Call {
  /// A parameter of the query; nil also when it is empty.
  fileprivate func filter(_ name: String) -> String? {
    query(name).flatMap { $0.isEmpty ? nil : $0 }
  }
}
