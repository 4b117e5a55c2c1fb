import ArgumentParser
import Domain

/// A command that has the accounts compute something and prints it, in the same two parts as an
/// ``AdministrationCommand`` and for the same reason.
protocol AccountingCommand: AsyncParsableCommand {
  /// What every command takes.
  var options: GlobalOptions { get }

  /// Does the command's work.
  func output(from accounting: any Accounting) async throws -> AccountingOutput
}

/// What such a command found, and whether that is what it hoped for.
struct AccountingOutput: Sendable, Equatable {
  /// What is printed.
  let text: String
  /// Whether the command ends with status 0.
  let isGood: Bool
}

extension AccountingCommand {
  /// Reads the settings, connects to Redis, does the work and prints.
  func run() async throws {
    let configuration = try options.configuration()
    try await Playmeter.withAccounting(configuration) { accounting in
      let output = try await output(from: accounting)
      print(output.text)
      guard output.isGood else { throw ExitCode.failure }
    }
  }
}
