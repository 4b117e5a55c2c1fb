import ArgumentParser
import Domain

/// `playmeter hold …`: times that nobody pays, switched by hand.
struct HoldCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold",
    abstract: "Times without billing and automatic ends, switched by hand.",
    subcommands: [On.self, Off.self, List.self]
  )
}

/// The sessions that a hold concerns, as the commands take them.
struct HoldScopeOptions: ParsableArguments {
  @Option(help: "Only sessions that this cafe pays.", transform: ArgumentText.name)
  var cafe: CafeID?
  @Option(help: "Only sessions of this game.", transform: ArgumentText.name)
  var game: GameID?

  /// The scope.
  var scope: HoldScope { HoldScope(cafe: cafe, game: game) }
}

extension HoldCommands {
  /// `playmeter hold on`
  struct On: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop billing and automatic ends.",
      discussion: """
        For the maintenance of a game, or a cafe whose line is down. Sessions still end when the \
        game, the launcher or an operator ends them. Without options it holds all sessions.

          playmeter hold on --game skyfall
        """
    )

    @OptionGroup var which: HoldScopeOptions
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let isApplied = try await administration.switchHold(true, for: which.scope)
      return .hold(true, for: which.scope, isApplied: isApplied)
    }
  }

  /// `playmeter hold off`
  struct Off: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Go on with billing and automatic ends.",
      discussion: """
        The options name the hold as it was switched on. Sessions and launchers that were silent \
        meanwhile get one more TTL from now on.
        """
    )

    @OptionGroup var which: HoldScopeOptions
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let isApplied = try await administration.switchHold(false, for: which.scope)
      return .hold(false, for: which.scope, isApplied: isApplied)
    }
  }

  /// `playmeter hold list`
  struct List: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the holds that are on.",
      discussion: "Outages that were held without anybody's hand stand in the ledger."
    )

    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .holds(try await administration.listHolds())
    }
  }
}
