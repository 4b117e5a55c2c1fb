/// A game that is sold by the hour.
public struct Game: Hashable, Sendable {
  /// Its identifier.
  public let id: GameID
  /// Its name for people, 1 to 100 characters.
  public let name: String
  /// What an hour costs; sessions keep the rate that they started with.
  public let tariff: Tariff
  /// What a launcher opens, if anything.
  public let launchURL: String?
  /// A disabled game admits nobody new; its live sessions go on and are billed.
  public let isEnabled: Bool

  /// A game from its parts.
  public init(id: GameID, name: String, tariff: Tariff, launchURL: String?, isEnabled: Bool) {
    self.id = id
    self.name = name
    self.tariff = tariff
    self.launchURL = launchURL
    self.isEnabled = isEnabled
  }
}

/// The games and their API keys as one instance knows them: in memory, so that a request needs no
/// look-up, and at most two seconds behind Redis.
public protocol GameCatalog: Sendable {
  /// The game whose valid API key has this SHA-256 digest, or nil.
  ///
  /// - Throws: ``ServiceFault/unavailable(_:)`` while the answer would be a guess: the catalogue
  ///   was never read, or Redis is away and the key is not known.
  func game(apiKeyDigest: [UInt8]) throws(ServiceFault) -> Game?

  /// Every game, enabled or not, by identifier.
  ///
  /// - Throws: ``ServiceFault/unavailable(_:)`` when the catalogue was never read.
  func games() throws(ServiceFault) -> [GameID: Game]
}
