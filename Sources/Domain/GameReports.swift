/// A game with its keys, as an operator sees it.
public struct GameReport: Sendable, Equatable {
  /// How many keys of a game may be valid at once; a rotation needs two.
  public static let maximumKeys = 16

  /// The game.
  public let game: Game
  /// Its valid keys, the oldest first.
  public let keys: [KeyReport]

  /// A report from its parts.
  public init(game: Game, keys: [KeyReport]) {
    self.game = game
    self.keys = keys
  }
}

/// An API key without the key.
public struct KeyReport: Sendable, Equatable {
  /// Its public identifier.
  public let id: String
  /// When it was made.
  public let createdAt: Instant

  /// A report from its parts.
  public init(id: String, createdAt: Instant) {
    self.id = id
    self.createdAt = createdAt
  }
}

/// A new API key, shown once: the service keeps only its SHA-256.
public struct IssuedKey: Sendable {
  /// The game that the key opens.
  public let game: GameID
  /// Its public identifier, for `revoke-key`.
  public let keyID: String
  /// The key.
  public let apiKey: String

  /// A key from its parts.
  public init(game: GameID, keyID: String, apiKey: String) {
    self.game = game
    self.keyID = keyID
    self.apiKey = apiKey
  }
}

/// What changes about a game; nil leaves a value as it is.
public struct GameChange: Sendable, Equatable {
  /// The new name.
  public var name: String?
  /// The new rate.
  public var tariff: Tariff?
  /// The new launch URL.
  public var launchURL: String?
  /// Whether it admits players.
  public var isEnabled: Bool?

  /// A change of nothing, to be filled in.
  public init(
    name: String? = nil,
    tariff: Tariff? = nil,
    launchURL: String? = nil,
    isEnabled: Bool? = nil
  ) {
    self.name = name
    self.tariff = tariff
    self.launchURL = launchURL
    self.isEnabled = isEnabled
  }
}
