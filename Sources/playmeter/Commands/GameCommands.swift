import ArgumentParser
import Domain
import HTTPAPI
import JSON

/// `playmeter game …`: the games that are sold and the keys of their servers.
struct GameCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "game",
    abstract: "Games, their rates and the API keys of their servers.",
    subcommands: [Create.self, List.self, Update.self, RotateKey.self, RevokeKey.self]
  )
}

extension GameCommands {
  /// `playmeter game create`
  struct Create: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a game and print its API key.",
      discussion: """
        The key is shown this once; the service keeps only a digest of it.

          playmeter game create --id tower --name "Tower Run" --rate 230
        """
    )

    @Option(help: "The game's identifier.", transform: ArgumentText.name)
    var id: GameID
    @Option(help: "The game's name for people.", transform: ArgumentText.title)
    var name: String
    @Option(help: "G-coin per hour, 0.06 to 100000.", transform: ArgumentText.tariff)
    var rate: Tariff
    @Option(help: "What launchers open.", transform: ArgumentText.launchURL)
    var launchURL: String?
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let game = Game(id: id, name: name, tariff: rate, launchURL: launchURL, isEnabled: true)
      let key = try await administration.createGame(game)
      return .issued(key, "Game \(id) is created at \(rate.gCoinText) G-coin an hour.")
    }
  }

  /// `playmeter game list`
  struct List: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "List all games with their keys.")

    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .games(try await administration.listGames())
    }
  }

  /// `playmeter game update`
  struct Update: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change a game.",
      discussion: """
        A new rate holds for sessions that start after it. A disabled game admits nobody new; its \
        live sessions go on and are billed.

          playmeter game update --id tower --rate 250
          playmeter game update --id tower --disable
        """
    )

    /// Whether the game shall admit players.
    enum Admission: String, EnumerableFlag {
      case enable, disable
    }

    @Option(help: "The game's identifier.", transform: ArgumentText.name)
    var id: GameID
    @Option(help: "The new name.", transform: ArgumentText.title)
    var name: String?
    @Option(help: "The new rate in G-coin per hour.", transform: ArgumentText.tariff)
    var rate: Tariff?
    @Option(help: "The new launch URL.", transform: ArgumentText.launchURL)
    var launchURL: String?
    @Flag(exclusivity: .exclusive, help: "Whether the game admits players.")
    var admission: Admission?
    @OptionGroup var options: GlobalOptions

    private var change: GameChange {
      GameChange(
        name: name,
        tariff: rate,
        launchURL: launchURL,
        isEnabled: admission.map { $0 == .enable }
      )
    }

    func validate() throws {
      guard change != GameChange() else {
        throw ValidationError("Give --name, --rate, --launch-url, --enable or --disable.")
      }
    }

    func output(from administration: any Administration) async throws -> CommandOutput {
      .game(try await administration.updateGame(id, change))
    }
  }

  /// `playmeter game rotate-key`
  struct RotateKey: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add an API key and print it.",
      discussion: """
        The keys before it stay valid until they are revoked, so that game servers can change over \
        one after the other. The key is shown this once.

          playmeter game rotate-key --id tower
        """
    )

    @Option(help: "The game's identifier.", transform: ArgumentText.name)
    var id: GameID
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .issued(try await administration.rotateKey(of: id), "Game \(id) has a new API key.")
    }
  }

  /// `playmeter game revoke-key`
  struct RevokeKey: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke an API key.",
      discussion: """
        `playmeter game list` shows the identifiers of keys.

          playmeter game revoke-key --id tower --key-id 3f9a2c7e
        """
    )

    @Option(help: "The game's identifier.", transform: ArgumentText.name)
    var id: GameID
    @Option(help: "The key's identifier.")
    var keyID: String
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      try await administration.revokeKey(keyID, of: id)
      return CommandOutput(
        json: ["game_id": .string(id.text), "key_id": .string(keyID)],
        text: "Key \(Printable.text(keyID)) of game \(id) is revoked."
      )
    }
  }
}
