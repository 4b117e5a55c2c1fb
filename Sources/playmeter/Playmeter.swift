import ArgumentParser
import Foundation

/// The program: one binary for the service and for its operators.
@main
struct Playmeter: AsyncParsableCommand {
  /// The newest heading of the changelog.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "playmeter",
    abstract: "Meters paid play in PC cafes.",
    discussion: """
      Settings come from environment variables or from the file of --env-file. Commands work on \
      Redis directly and need no running service. Exit status: 0 done, 1 refused or failed, \
      2 wrong usage.
      """,
    version: version,
    subcommands: [
      Serve.self, Check.self, GameCommands.self, CafeCommands.self, SessionCommands.self,
      HoldCommands.self, LedgerCommands.self, Settle.self, Reconcile.self, HostCommands.self,
      DemoCommand.self,
    ]
  )

  /// Runs the command that the arguments name and ends the process with its status.
  static func main() async {
    let ending = await ending(of: Array(CommandLine.arguments.dropFirst()))
    if !ending.output.isEmpty { print(ending.output) }
    if !ending.complaint.isEmpty { StandardError.write(ending.complaint + "\n") }
    Foundation.exit(ending.status)
  }
}
