import Domain
import HTTPAPI
import JSON
import Signatures

/// What the cast of the demonstration shows to the service: two games' keys and two cafes' secrets.
struct DemoCredentials: Sendable, Equatable {
  /// A game server's credentials.
  struct Game: Sendable, Equatable {
    let id: GameID
    let apiKey: String
  }

  /// A launcher's credentials.
  struct Cafe: Sendable, Equatable {
    let id: CafeID
    /// 32 bytes.
    let launcherSecret: [UInt8]
  }

  /// The games, the script's first one first.
  let games: [Game]
  /// The cafes, the script's first one first.
  let cafes: [Cafe]

  /// Reads what `playmeter game create --json` and `playmeter cafe create --json` printed, one
  /// document per line. The first two of each kind play; further ones are left out.
  ///
  /// - Throws: ``DemoError/unusable(_:)``, which never quotes a line: lines hold secrets.
  init(text: String) throws(DemoError) {
    var games: [Game] = []
    var cafes: [Cafe] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let document = try? JSONValue(text: String(line))
      if let game = document.flatMap(Game.init) {
        games.append(game)
      } else if let cafe = document.flatMap(Cafe.init) {
        cafes.append(cafe)
      } else {
        throw .unusable("line \(index + 1) of the credentials is neither a game's nor a cafe's")
      }
    }
    guard games.count >= 2, cafes.count >= 2 else {
      throw .unusable(
        "the credentials must be of 2 games and 2 cafes, not \(games.count) and \(cafes.count)"
      )
    }
    self.games = Array(games.prefix(2))
    self.cafes = Array(cafes.prefix(2))
  }
}

extension DemoCredentials.Game {
  fileprivate init?(_ document: JSONValue) {
    guard let id = document["game_id"]?.string.flatMap(GameID.init),
      let apiKey = document["api_key"]?.string
    else { return nil }
    self.init(id: id, apiKey: apiKey)
  }
}

extension DemoCredentials.Cafe {
  fileprivate init?(_ document: JSONValue) {
    guard let id = document["cafe_id"]?.string.flatMap(CafeID.init),
      let secret = document["launcher_secret"]?.string.flatMap(Hex.decode), secret.count == 32
    else { return nil }
    self.init(id: id, launcherSecret: secret)
  }
}
