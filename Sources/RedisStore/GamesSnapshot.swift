import Domain
import Signatures

/// Every game with its keys at one version, as `games_read` tells it.
struct GamesSnapshot {
  let version: String
  let games: [GameReport]
  let gamesByDigest: [KeyDigest: GameID]

  /// Reads a whole reply. An unchanged version has no games in it.
  init(_ reply: inout ReplyReader) throws(ServiceFault) {
    version = try reply.text()
    var games: [GameReport] = []
    var gamesByDigest: [KeyDigest: GameID] = [:]
    while !reply.isAtEnd {
      switch try reply.text() {
      case "game":
        games.append(GameReport(game: try reply.game(), keys: []))
      case "key":
        let id = try reply.text()
        let digest = try reply.parsed(Hex.decode)
        let created = Instant(milliseconds: try reply.integer())
        guard let owner = games.popLast() else { throw .broken("an API key without a game") }
        let key = KeyReport(id: id, createdAt: created)
        games.append(GameReport(game: owner.game, keys: owner.keys + [key]))
        gamesByDigest[KeyDigest(bytes: digest)] = owner.game.id
      case let name: throw reply.unknown(name)
      }
    }
    guard Set(games.map(\.game.id)).count == games.count else {
      throw .broken("a game is there twice")
    }
    self.games = games.map { report in
      GameReport(game: report.game, keys: report.keys.sorted { $0.createdAt < $1.createdAt })
    }
    self.gamesByDigest = gamesByDigest
  }
}

/// SHA-256 of an API key.
struct KeyDigest: Hashable {
  let bytes: [UInt8]

  /// A part of a digest tells as much as a hash of all of it, which was 1 % of the instructions of
  /// a game's heartbeat.
  func hash(into hasher: inout Hasher) {
    hasher.combine(bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension ReplyReader {
  fileprivate mutating func game() throws(ServiceFault) -> Game {
    let id = try parsed(GameID.init)
    let name = try text()
    let rate = try integer()
    guard let tariff = Tariff(milliGCoinPerHour: rate) else {
      throw .broken("game \(id) has the rate \(rate)")
    }
    let url = try text()
    let isEnabled = try text() == "1"
    return Game(
      id: id,
      name: name,
      tariff: tariff,
      launchURL: url.isEmpty ? nil : url,
      isEnabled: isEnabled
    )
  }
}
