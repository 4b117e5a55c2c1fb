import ArgumentParser
import Domain

/// A command that asks the operator's port one thing and prints the answer.
///
/// What it asks and how it words the answer stands in ``output(from:)``, which knows neither the
/// settings nor Redis, so that a test can call it with a port of its own.
protocol AdministrationCommand: AsyncParsableCommand {
  /// What every command takes.
  var options: GlobalOptions { get }

  /// Does the command's work.
  func output(from administration: any Administration) async throws -> CommandOutput
}

extension AdministrationCommand {
  /// Reads the settings, connects to Redis, does the work and prints.
  func run() async throws {
    let configuration = try options.configuration()
    try await Playmeter.withAdministration(configuration) { administration in
      options.show(try await output(from: administration))
    }
  }
}
