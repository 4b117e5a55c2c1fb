import ArgumentParser
import Domain

/// `playmeter cafe …`: the cafes that pay for play.
struct CafeCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cafe",
    abstract: "Cafes, their balances and the secrets of their launchers.",
    subcommands: [
      Create.self, List.self, Show.self, TopUp.self, Adjust.self, Compensate.self, Suspend.self,
      Resume.self, RotateSecret.self,
    ]
  )
}

extension CafeCommands {
  /// `playmeter cafe create`
  struct Create: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a cafe and print its launcher secret.",
      discussion: """
        The secret goes into the launchers of the cafe's PCs; it is shown this once.

          playmeter cafe create --id gangnam-01 --name "Gangnam 1" \\
            --cidr 203.0.113.0/28 --cidr 2001:db8:7::/48
        """
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @Option(help: "The cafe's name for people.", transform: ArgumentText.title)
    var name: String
    @Option(
      name: .customLong("cidr"),
      help: ArgumentHelp(
        "A network that the cafe's PCs call from, IPv4 or IPv6; may be repeated.",
        valueName: "network"
      ),
      transform: ArgumentText.network
    )
    var networks: [Network]
    @OptionGroup var options: GlobalOptions

    func validate() throws {
      guard networks.count <= NewCafe.maximumNetworks else {
        throw ValidationError("A cafe has at most \(NewCafe.maximumNetworks) networks.")
      }
    }

    func output(from administration: any Administration) async throws -> CommandOutput {
      let cafe = NewCafe(id: id, name: name, networks: networks)
      return .issued(try await administration.createCafe(cafe), "Cafe \(id) is created.")
    }
  }

  /// `playmeter cafe list`
  struct List: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "List all cafes with their balances."
    )

    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let cafes = try await EveryPage.rows { page in
        try await administration.listCafes(page)
      }
      return .cafes(cafes)
    }
  }

  /// `playmeter cafe show`
  struct Show: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "Show one cafe.")

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .cafe(try await administration.cafe(id))
    }
  }

  /// `playmeter cafe suspend`
  struct Suspend: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Admit nobody new at a cafe.",
      discussion: "Its live sessions go on and are billed, unless --end-sessions is given."
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @Flag(help: "End its live sessions now.")
    var endSessions = false
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .cafe(try await administration.suspend(id, endSessions: endSessions))
    }
  }

  /// `playmeter cafe resume`
  struct Resume: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Admit players at a suspended cafe again."
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .cafe(try await administration.resume(id))
    }
  }

  /// `playmeter cafe rotate-secret`
  struct RotateSecret: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new launcher secret and print it.",
      discussion: """
        The previous secret stays valid until the next rotation, so that the cafe's PCs can change \
        over one after the other, unless --revoke-previous is given.
        """
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @Flag(help: "Make the previous secret invalid at once.")
    var revokePrevious = false
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let secret = try await administration.rotateSecret(of: id, revokePrevious: revokePrevious)
      return .issued(secret, "Cafe \(id) has a new launcher secret.")
    }
  }
}
