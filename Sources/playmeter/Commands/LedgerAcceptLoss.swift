import Archive
import ArgumentParser
import Domain
import JSON
import Ledger
import RedisStore

extension LedgerCommands {
  /// `playmeter ledger accept-loss`
  struct AcceptLoss: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Go on without lines that nobody has any more.",
      discussion: """
        Redis acknowledged them and forgot them before they were archived, so nothing can bring \
        them back: what they did has to be found out and done again by hand. A name is a partition \
        and the numbers of its lost lines; it must be exactly what the service and "playmeter \
        ledger restore" say is lost. The ledger goes on behind these numbers with a line that \
        names them, for ever. Lines that the archive has are never accepted as lost: restore them \
        first.

          playmeter ledger accept-loss p3#11-12 p17#204
        """
    )

    @Argument(
      help: ArgumentHelp("What is lost: p3#11-12.", valueName: "name"),
      transform: ArgumentText.loss
    )
    var losses: [LedgerLoss]
    @OptionGroup var options: GlobalOptions

    func validate() throws {
      guard Set(losses.map(\.partition)).count == losses.count else {
        throw ValidationError("A partition may be named once.")
      }
    }

    func run() async throws {
      let configuration = try options.configuration()
      _ = try configuration.requiredArchive()
      try await Playmeter.withUnexaminedLedger(configuration) { redis, known in
        let remaining = try await LossAcceptance(redis: redis, known: known).accept(losses)
        options.show(.accepted(losses, remaining: remaining))
      }
    }
  }
}

extension CommandOutput {
  /// What was accepted, and what is still to be.
  static func accepted(_ losses: [LedgerLoss], remaining: [LedgerLoss]) -> CommandOutput {
    let lines =
      losses.map { "accepted: nobody has \($0), and the ledger says so" }
      + remaining.map { "still to be accepted: \($0)" }
    return CommandOutput(
      json: [
        "accepted": .array(losses.map(\.json)), "remaining": .array(remaining.map(\.json)),
      ],
      text: lines.lines
    )
  }
}

extension LedgerLoss {
  /// The loss for programs.
  var json: JSONValue {
    [
      "name": .string(description), "partition": .integer(Int64(partition.number)),
      "from_seq": .integer(numbers.lowerBound), "to_seq": .integer(numbers.upperBound),
    ]
  }
}

extension Configuration {
  /// The archive's directory.
  ///
  /// - Throws: ``LedgerFault`` when none is set: nothing is known of the ledger outside Redis then.
  func requiredArchive() throws(LedgerFault) -> ArchiveDirectory {
    guard let archiveDirectory else {
      throw .file("\(Setting.archiveDirectory.name) is not set: nothing is known outside Redis")
    }
    return archiveDirectory
  }
}
