import ArgumentParser
import Domain

/// `playmeter session …`: game sessions as evidence.
struct SessionCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session",
    abstract: "Game sessions, live and ended.",
    subcommands: [List.self, Show.self, End.self]
  )
}

extension SessionCommands {
  /// `playmeter session list`
  struct List: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "List live and ended sessions.",
      discussion: """
        Times are RFC 3339 or Unix milliseconds. A session belongs to the time from --from to --to \
        when it was alive in it. Sessions whose records have expired are found in the ledger, when \
        a cafe and a time that long ago are given.

          playmeter session list --cafe gangnam-01 --pc PC-07 \\
            --from 2026-03-03T09:00:00+09:00 --to 2026-03-03T10:00:00+09:00
        """
    )

    @Option(help: "Only sessions that this cafe pays.", transform: ArgumentText.name)
    var cafe: CafeID?
    @Option(help: "Only sessions of this game.", transform: ArgumentText.name)
    var game: GameID?
    @Option(help: "Only sessions on this PC.", transform: ArgumentText.name)
    var pc: PCID?
    @Option(
      help: ArgumentHelp("Only sessions alive at this time or later.", valueName: "time"),
      transform: ArgumentText.instant
    )
    var from: Instant?
    @Option(
      help: ArgumentHelp("Only sessions started before this time.", valueName: "time"),
      transform: ArgumentText.instant
    )
    var to: Instant?
    @OptionGroup var options: GlobalOptions

    func validate() throws {
      if let from, let to, to <= from { throw ValidationError("--from must be before --to.") }
    }

    func output(from administration: any Administration) async throws -> CommandOutput {
      let filter = SessionFilter(cafe: cafe, game: game, pc: pc, from: from, to: to)
      let sessions = try await EveryPage.rows { page in
        try await administration.listSessions(filter, page)
      }
      return .sessions(sessions)
    }
  }

  /// `playmeter session show`
  struct Show: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one session with its lines of the ledger."
    )

    @Argument(help: "The session's identifier, gs_….")
    var id: String
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .session(try await administration.session(id))
    }
  }

  /// `playmeter session end`
  struct End: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a live session now.",
      discussion: "It is billed to this moment, with the reason \"operator\"."
    )

    @Argument(help: "The session's identifier, gs_….")
    var id: String
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      .endedSession(try await administration.endSession(id))
    }
  }
}
