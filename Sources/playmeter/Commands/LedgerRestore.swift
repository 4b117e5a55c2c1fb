import ArgumentParser
import Domain
import JSON
import Ledger
import RedisStore

extension LedgerCommands {
  /// `playmeter ledger restore`
  struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a Redis that went back in time up to the archive.",
      discussion: """
        Replays every archived line that Redis has forgotten: cafes, games, keys, balances, ended \
        sessions, and live ones, which may go on. It may be repeated. Stop every instance of the \
        service first.
        """
    )

    @Flag(name: .customLong("dry-run"), help: "Only count what would be replayed.")
    var isRehearsal = false
    @OptionGroup var options: GlobalOptions

    func run() async throws {
      let configuration = try options.configuration()
      guard let directory = configuration.archiveDirectory else {
        throw LedgerFault.file(
          "\(Setting.archiveDirectory.name) is not set: nothing to restore from"
        )
      }
      try await Playmeter.withUnexaminedLedger(configuration) { redis in
        let restoration = LedgerRestoration(
          redis: redis,
          directory: directory,
          partitionCount: configuration.partitionCount
        )
        let outcome = try await restoration.restore(isRehearsal: isRehearsal)
        options.show(.restored(outcome, isRehearsal: isRehearsal))
      }
    }
  }
}

extension CommandOutput {
  /// What was replayed.
  static func restored(
    _ outcome: LedgerRestoration.Outcome,
    isRehearsal: Bool
  ) -> CommandOutput {
    let verb = isRehearsal ? "would be replayed" : "replayed"
    return CommandOutput(
      json: [
        "lines": .integer(outcome.lines), "partitions": .integer(Int64(outcome.partitions)),
        "dry_run": .bool(isRehearsal),
      ],
      text: outcome.lines == 0
        ? "Redis has every line of the archive"
        : "\(outcome.lines) lines of \(outcome.partitions) partitions \(verb)"
    )
  }
}
