import ArgumentParser
import Domain

/// How a command ended.
struct CommandEnding: Sendable, Equatable {
  /// 0 done, 1 refused or failed, 2 wrong usage.
  let status: Int32
  /// Help that was asked for, for standard output.
  var output = ""
  /// What went wrong, for standard error.
  var complaint = ""
}

extension Playmeter {
  /// Runs the command that the arguments name.
  static func ending(of arguments: [String]) async -> CommandEnding {
    if let complaint = unknownCommand(in: arguments) {
      return CommandEnding(status: 2, complaint: complaint)
    }
    do {
      var command = try parseAsRoot(arguments)
      // Only the parser's own help command is not asynchronous. It answers by throwing its text.
      guard let own = command as? any AsyncParsableCommand else {
        try command.run()
        return CommandEnding(status: 0)
      }
      return await ending(of: own)
    } catch {
      return misuse(error)
    }
  }

  /// The parser answers a request for help with that of the last command that it knows, as if the
  /// word behind it were none: whoever mistyped a command would take it for that command's help.
  private static func unknownCommand(in arguments: [String]) -> String? {
    guard arguments.contains(where: { $0 == "--help" || $0 == "-h" }) else { return nil }
    var command: any ParsableCommand.Type = Playmeter.self
    for word in arguments {
      let known = command.configuration.subcommands
      guard !known.isEmpty, word != "help", !word.hasPrefix("-") else { return nil }
      guard let next = known.first(where: { $0._commandName == word }) else {
        let names = known.map { $0._commandName }.joined(separator: ", ")
        return "Error: there is no command \(Printable.text(word)) among \(names)."
      }
      command = next
    }
    return nil
  }

  private static func ending(of command: any AsyncParsableCommand) async -> CommandEnding {
    var command = command
    do {
      try await command.run()
      return CommandEnding(status: 0)
    } catch let help as CleanExit {
      return misuse(help)
    } catch {
      return failure(error)
    }
  }

  /// The arguments were wrong, or help was asked for instead of a command. The parser's own status
  /// for wrong usage, 64, becomes the usual 2.
  private static func misuse(_ error: any Error) -> CommandEnding {
    let text = fullMessage(for: error)
    return exitCode(for: error).isSuccess
      ? CommandEnding(status: 0, output: text)
      : CommandEnding(status: 2, complaint: text)
  }

  /// The command was refused or failed. An exit code comes from a command that has said why.
  private static func failure(_ error: any Error) -> CommandEnding {
    switch error {
    case let code as ExitCode: CommandEnding(status: code.rawValue)
    case let error as AdministrationError:
      CommandEnding(status: 1, complaint: "playmeter: \(error.sentence)")
    case let fault as ServiceFault: failure(AdministrationError.fault(fault))
    default: CommandEnding(status: 1, complaint: "playmeter: \(error)")
    }
  }
}

extension AdministrationError {
  /// The error in words for an operator, on one line.
  var sentence: String {
    switch self {
    case .fault(.unavailable(let text)), .fault(.damagedLedger(let text)): Printable.text(text)
    case .fault(.broken(let text)): "an internal fault: \(Printable.text(text))"
    case .cafeNotFound(let id): "there is no cafe \(id)"
    case .gameNotFound(let id): "there is no game \(id)"
    case .sessionNotFound(let id): "there is no session \(Printable.text(id))"
    case .conflict(let text): Printable.text(text)
    }
  }
}
