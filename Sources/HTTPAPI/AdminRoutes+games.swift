import Domain
import HTTPTypes
import JSON

/// `/v1/admin/games`.
extension AdminRoutes {
  private static let maximumNameCharacters = 100
  /// More than any launcher's link needs.
  private static let maximumURLCharacters = 2048

  var gameEndpoints: [Endpoint] {
    [
      guarded(.get, "/v1/admin/games") { try await listGames($0) },
      guarded(.post, "/v1/admin/games") { try await createGame($0) },
      guarded(.get, "/v1/admin/games/{id}") { try await showGame($0) },
      guarded(.patch, "/v1/admin/games/{id}") { try await updateGame($0) },
      guarded(.post, "/v1/admin/games/{id}/keys") { try await rotateKey($0) },
      guarded(.delete, "/v1/admin/games/{id}/keys/{key_id}") { try await revokeKey($0) },
    ]
  }

  private func listGames(_ call: Call) async throws -> JSONValue {
    let page = try call.page()
    let games = try await administration.listGames()
      .filter { game in page.cursor.map { game.game.id.text > $0 } ?? true }
    let rows = games.prefix(page.limit)
    let next = games.count > page.limit ? rows.last?.game.id.text : nil
    return ["games": .array(rows.map(\.json)), "next_cursor": .optional(next)]
  }

  private func createGame(_ call: Call) async throws -> JSONValue {
    let payload = try call.payload()
    let game = Game(
      id: try payload.name("game_id"),
      name: try payload.text("name", maximumCharacters: Self.maximumNameCharacters),
      tariff: try tariff(of: payload),
      launchURL: try launchURL(of: payload),
      isEnabled: try payload.optionalBool("enabled") ?? true
    )
    return try await administration.createGame(game).json
  }

  private func showGame(_ call: Call) async throws -> JSONValue {
    let id = try gameID(of: call)
    let games = try await administration.listGames()
    guard let game = games.first(where: { $0.game.id == id }) else {
      throw AdministrationError.gameNotFound(id)
    }
    return game.json
  }

  private func updateGame(_ call: Call) async throws -> JSONValue {
    let id = try gameID(of: call)
    let payload = try call.payload()
    var change = GameChange()
    if payload.value("name") != nil {
      change.name = try payload.text("name", maximumCharacters: Self.maximumNameCharacters)
    }
    if payload.value("rate_mgcoin_per_hour") != nil { change.tariff = try tariff(of: payload) }
    change.launchURL = try launchURL(of: payload)
    change.isEnabled = try payload.optionalBool("enabled")
    guard change != GameChange() else {
      throw APIError(
        .badRequest,
        "name, rate_mgcoin_per_hour, launch_url or enabled must be given"
      )
    }
    return try await administration.updateGame(id, change).json
  }

  private func rotateKey(_ call: Call) async throws -> JSONValue {
    try await administration.rotateKey(of: try gameID(of: call)).json
  }

  private func revokeKey(_ call: Call) async throws -> JSONValue {
    let id = try gameID(of: call)
    let keyID = call.parameter("key_id")
    try await administration.revokeKey(keyID, of: id)
    return ["game_id": .string(id.text), "key_id": .string(keyID)]
  }

  /// A path whose segment is no identifier names a game that does not exist.
  private func gameID(of call: Call) throws(APIError) -> GameID {
    guard let id = GameID(call.parameter("id")) else {
      throw APIError(.gameNotFound, "There is no such game.")
    }
    return id
  }

  private func tariff(of payload: Payload) throws(APIError) -> Tariff {
    let rate = try payload.integer("rate_mgcoin_per_hour", in: Tariff.range)
    guard let tariff = Tariff(milliGCoinPerHour: rate) else {
      preconditionFailure("A rate within its range makes a tariff.")
    }
    return tariff
  }

  private func launchURL(of payload: Payload) throws(APIError) -> String? {
    guard payload.value("launch_url") != nil else { return nil }
    return try payload.text("launch_url", maximumCharacters: Self.maximumURLCharacters)
  }
}
