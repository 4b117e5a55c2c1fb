import Domain
import RedisClient
import Signatures

extension RedisAdministration {
  public func createGame(_ game: Game) async throws(AdministrationError) -> IssuedKey {
    let key = NewKey()
    let answer = try await games(
      link.scripts.gameCreate,
      [
        game.id.text, game.name, String(game.tariff.milliGCoinPerHour), game.launchURL ?? "",
        key.id, key.digest,
      ]
    )
    switch answer {
    case "created": return IssuedKey(game: game.id, keyID: key.id, apiKey: key.text)
    case "taken": throw .conflict("game \(game.id) exists already")
    default: throw unknown(answer)
    }
  }

  public func listGames() async throws(AdministrationError) -> [GameReport] {
    try await attempt { () throws(ServiceFault) in
      var reply = try await link.run(link.scripts.gamesRead, in: link.keys.gamesPartition, [""])
      return try GamesSnapshot(&reply).games
    }
  }

  public func updateGame(
    _ id: GameID,
    _ change: GameChange
  ) async throws(AdministrationError) -> GameReport {
    var fields: [String] = []
    if let name = change.name { fields += ["name", name] }
    if let tariff = change.tariff { fields += ["rate", String(tariff.milliGCoinPerHour)] }
    if let url = change.launchURL { fields += ["url", url] }
    if let isEnabled = change.isEnabled { fields += ["enabled", isEnabled ? "1" : "0"] }
    let answer = try await games(link.scripts.gameUpdate, [id.text] + fields)
    guard answer == "done" else { throw .gameNotFound(id) }
    guard let report = try await listGames().first(where: { $0.game.id == id }) else {
      throw .gameNotFound(id)
    }
    return report
  }

  public func rotateKey(of id: GameID) async throws(AdministrationError) -> IssuedKey {
    let key = NewKey()
    let most = String(GameReport.maximumKeys)
    let answer = try await games(link.scripts.gameKeyAdd, [id.text, key.id, key.digest, most])
    switch answer {
    case "added": return IssuedKey(game: id, keyID: key.id, apiKey: key.text)
    case "unknown": throw .gameNotFound(id)
    case "full": throw .conflict("game \(id) has \(most) keys already; revoke one first")
    default: throw unknown(answer)
    }
  }

  public func revokeKey(_ keyID: String, of id: GameID) async throws(AdministrationError) {
    switch try await games(link.scripts.gameKeyRevoke, [id.text, keyID]) {
    case "done": return
    case "unknown": throw .gameNotFound(id)
    case "no_key": throw .conflict("game \(id) has no key \(keyID)")
    case let answer: throw unknown(answer)
    }
  }

  private func games(
    _ script: RedisScript,
    _ arguments: [String]
  ) async throws(AdministrationError) -> String {
    try await attempt { () throws(ServiceFault) in
      var reply = try await link.run(script, in: link.keys.gamesPartition, arguments)
      return try reply.text()
    }
  }

  func unknown(_ answer: String) -> AdministrationError {
    .fault(.broken("a script answered \(answer)"))
  }
}

/// An API key before it is stored: 32 random bytes, known to Redis by their SHA-256 only.
private struct NewKey {
  let id = "key_" + Hex.encode(RandomBytes.generate(count: 6))
  let text = "pk_" + Hex.encode(RandomBytes.generate(count: 32))

  var digest: String { Hex.encode(Digest.sha256(Array(text.utf8))) }
}
