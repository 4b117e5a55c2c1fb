import ArgumentParser
import Domain
import HTTPAPI

/// `playmeter host …`: gaming PCs that offer themselves for streaming.
struct HostCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host",
    abstract: "Gaming PCs that offer themselves for streaming.",
    subcommands: [List.self, Drain.self]
  )
}

/// A command that asks the registry of hosts one thing and prints the answer, in the same two
/// parts as an ``AdministrationCommand`` and for the same reason.
protocol HostCommand: AsyncParsableCommand {
  /// What every command takes.
  var options: GlobalOptions { get }

  /// Does the command's work.
  func output(from hosts: any HostRegistry) async throws -> CommandOutput
}

extension HostCommand {
  /// Reads the settings, connects to Redis, does the work and prints.
  func run() async throws {
    let configuration = try options.configuration()
    try await Playmeter.withHosts(configuration) { hosts in
      options.show(try await output(from: hosts))
    }
  }
}

extension HostCommands {
  /// `playmeter host list`
  struct List: HostCommand {
    static let configuration = CommandConfiguration(
      abstract: "List live hosts.",
      discussion: """
        Without --status those that a client could be sent to now.

          playmeter host list --region eu-central --status all
        """
    )

    @Option(help: "Only hosts of this region.", transform: ArgumentText.name)
    var region: Region?
    @Option(
      help: ArgumentHelp("Only matchable or busy hosts, or all.", valueName: "status"),
      transform: ArgumentText.hostSelection
    )
    var status: HostFilter.Selection = .matchable
    @OptionGroup var options: GlobalOptions

    func output(from hosts: any HostRegistry) async throws -> CommandOutput {
      let filter = HostFilter(region: region, selection: status)
      return .hosts(try await EveryPage.rows { try await hosts.hosts(filter, $0) })
    }
  }

  /// `playmeter host drain`
  struct Drain: HostCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send nobody new to a host.",
      discussion: """
        Whoever plays there goes on. It holds whatever the host says, also when it starts anew, \
        until it is undone.

          playmeter host drain --id pc-07
          playmeter host drain --id pc-07 --undo
        """
    )

    @Option(help: "The host's identifier.", transform: ArgumentText.name)
    var id: HostID
    @Flag(help: "Let the host be matched again.")
    var undo = false
    @OptionGroup var options: GlobalOptions

    func output(from hosts: any HostRegistry) async throws -> CommandOutput {
      guard try await hosts.drain(id, isDrained: !undo) else { throw UnknownHost(id: id) }
      return .drain(of: id, isDrained: !undo)
    }
  }
}

/// The host does not live, and was not drained either.
struct UnknownHost: Error, CustomStringConvertible {
  /// The host that was asked for.
  let id: HostID

  /// The refusal in words for an operator.
  var description: String { "there is no live host \(id)" }
}
