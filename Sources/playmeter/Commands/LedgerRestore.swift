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
      let directory = try configuration.requiredArchive()
      try await Playmeter.withUnexaminedLedger(configuration) { redis, known in
        let restoration = LedgerRestoration(
          redis: redis,
          directory: directory,
          partitionCount: configuration.partitionCount
        )
        let outcome = try await restoration.restore(isRehearsal: isRehearsal)
        let lost = try await redis.forgotten(of: known).compactMap(\.lost)
        options.show(.restored(outcome, isRehearsal: isRehearsal, lost: lost))
      }
    }
  }
}

extension CommandOutput {
  /// What was replayed.
  static func restored(
    _ outcome: LedgerRestoration.Outcome,
    isRehearsal: Bool,
    lost: [LedgerLoss]
  ) -> CommandOutput {
    let verb = isRehearsal ? "would be replayed" : "replayed"
    let names = lost.map(\.description).joined(separator: " ")
    let rest =
      lost.isEmpty
      ? "" : "\nnobody has \(names): \"playmeter ledger accept-loss \(names)\" goes on without"
    return CommandOutput(
      json: [
        "lines": .integer(outcome.lines), "partitions": .integer(Int64(outcome.partitions)),
        "dry_run": .bool(isRehearsal), "lost": .array(lost.map(\.json)),
      ],
      text: outcome.lines == 0
        ? "Redis has every line of the archive\(rest)"
        : "\(outcome.lines) lines of \(outcome.partitions) partitions \(verb)\(rest)"
    )
  }
}
