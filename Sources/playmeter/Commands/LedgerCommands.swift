import Archive
import ArgumentParser
import Domain
import Foundation
import JSON
import Ledger

/// `playmeter ledger …`: the proof of every bill.
struct LedgerCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "The ledger: every line of every session and every movement of money.",
    subcommands: [Export.self, Verify.self, Restore.self, AcceptLoss.self]
  )
}

extension LedgerCommands {
  /// `playmeter ledger export`
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the ledger as JSON lines, from archive and Redis as one.",
      discussion: """
        Each partition's lines are in order and chained by their hashes. With a filter each line \
        carries the hash of the line before it, so that it can be verified all the same.

          playmeter ledger export --from 2026-03-01T00:00:00+09:00 > march.jsonl
          playmeter ledger verify march.jsonl
        """
    )

    @Option(
      help: ArgumentHelp("Only lines accepted at this time or later.", valueName: "time"),
      transform: ArgumentText.instant
    )
    var from: Instant?
    @Option(
      help: ArgumentHelp("Only lines accepted before this time.", valueName: "time"),
      transform: ArgumentText.instant
    )
    var to: Instant?
    @Option(help: "Only lines of this cafe.", transform: ArgumentText.name)
    var cafe: CafeID?
    @OptionGroup var options: GlobalOptions

    func validate() throws {
      if let from, let to, to <= from { throw ValidationError("--from must be before --to.") }
    }

    func run() async throws {
      let configuration = try options.configuration()
      let filter = LedgerFilter(from: from, to: to, cafe: cafe)
      let partition = cafe.map { Partition(of: $0, count: configuration.partitionCount) }
      var output = BulkOutput()
      try await Playmeter.withLedger(configuration) { reader in
        try await reader.forEachLine(in: partition.map { [$0] }) { sealed, previousHash in
          guard filter.wants(sealed.line) else { return }
          let isAnchored = !filter.isEmpty || sealed.line.loss != nil
          let line = sealed.with(previousHash: isAnchored ? previousHash : nil)
          try output.write(line.text + [UInt8(ascii: "\n")])
        }
      }
      try output.flush()
    }
  }

  /// `playmeter ledger verify`
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the chain of an exported or archived ledger, offline.",
      discussion: """
        Needs no settings and no Redis; the file of --env-file is not read. Ends with status 1 and \
        the first line that does not fit. Several files are read as one, in the given order; \
        compressed ones as they are.
        """
    )

    @Argument(help: "Files of JSON lines.")
    var files: [String]
    @OptionGroup var options: GlobalOptions

    func run() async throws {
      var check = ChainCheck(allowsGaps: true)
      for file in files { try Self.add(file, to: &check) }
      options.show(.verified(check))
    }

    private static func add(_ file: String, to check: inout ChainCheck) throws(LedgerFault) {
      let reader = try LineReader(path: file)
      var number = 0
      while let text = try reader.next() {
        number += 1
        do throws(LedgerFault) {
          try check.add(SealedLine(text: text))
        } catch {
          throw .broken("\(file), line \(number): \(error)")
        }
      }
      guard try reader.isAtEnd() else {
        throw .broken("\(file), line \(number + 1): it is cut off")
      }
    }
  }
}

/// Which lines of the ledger are wanted.
struct LedgerFilter {
  let from: Instant?
  let to: Instant?
  let cafe: CafeID?

  /// Whether every line is.
  var isEmpty: Bool { from == nil && to == nil && cafe == nil }

  func wants(_ line: LedgerLine) -> Bool {
    if let from, line.instant < from { return false }
    if let to, line.instant >= to { return false }
    // A line that is lost may have been any cafe's of its partition.
    return cafe.map { line.text("cafe_id") == $0.text || line.kind == .loss } ?? true
  }
}

extension CommandOutput {
  /// What a check found to be in order.
  static func verified(_ check: ChainCheck) -> CommandOutput {
    let partitions = check.positions.count
    let extent = check.gaps == 0 ? "complete" : "with \(check.gaps) gaps, each proven by prev_hash"
    let losses = check.losses.map { "\nlost, and accepted as such: \($0)" }.joined()
    return CommandOutput(
      json: [
        "ok": true, "lines": .integer(Int64(check.count)),
        "partitions": .integer(Int64(partitions)), "gaps": .integer(Int64(check.gaps)),
        "losses": .array(check.losses.map(\.json)),
      ],
      text: "ok: \(check.count) lines of \(partitions) partitions, \(extent)\(losses)"
    )
  }
}
