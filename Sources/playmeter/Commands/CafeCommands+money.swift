import ArgumentParser
import Domain

extension CafeCommands {
  /// `playmeter cafe topup`
  struct TopUp: AdministrationCommand {
    static let configuration = CommandConfiguration(
      commandName: "topup",
      abstract: "Put money that a cafe paid in on its balance.",
      discussion: """
        Each reference counts once for each cafe, so a repeated command books nothing twice. The \
        same reference with another amount is refused.

          playmeter cafe topup --id gangnam-01 --amount 12.5 --ref INV-1
        """
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @Option(help: "G-coin, up to three decimals.", transform: ArgumentText.payment)
    var amount: Money
    @Option(help: "The invoice or the like.", transform: ArgumentText.name)
    var ref: BookingReference
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let entry = BalanceEntry.topup(amount, ref: ref)
      return .booking(try await administration.book(entry, for: id), of: entry, for: id)
    }
  }

  /// `playmeter cafe adjust`
  struct Adjust: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Correct a cafe's balance, up or down.",
      discussion: """
        A correction that would take the balance below zero is refused. References are shared with \
        top-ups.

          playmeter cafe adjust --id gangnam-01 --amount=-3 \\
            --ref FIX-1 --reason "paid twice"
        """
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    // An amount that starts with a minus sign is no option.
    @Option(
      parsing: .unconditional,
      help: "G-coin, up to three decimals; negative to take away.",
      transform: ArgumentText.correction
    )
    var amount: Money
    @Option(help: "What makes the correction unique.", transform: ArgumentText.name)
    var ref: BookingReference
    @Option(help: "Why, for the ledger.", transform: ArgumentText.reason)
    var reason: String
    @OptionGroup var options: GlobalOptions

    func output(from administration: any Administration) async throws -> CommandOutput {
      let entry = BalanceEntry.adjustment(amount, ref: ref, reason: reason)
      return .booking(try await administration.book(entry, for: id), of: entry, for: id)
    }
  }

  /// `playmeter cafe compensate`
  struct Compensate: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Credit a share of what was billed in a period.",
      discussion: """
        Each session gets a line of its own in the ledger. It works on sessions that live or whose \
        record is kept, and counts what was played up to their last heartbeat. References are \
        shared with top-ups; a command that is repeated with the same reference, --from, --to and \
        --percent credits nothing twice and finishes what was interrupted, and with others it is \
        refused. Times are RFC 3339 or Unix milliseconds.

          playmeter cafe compensate --id gangnam-01 --from 2026-03-06T21:00:00+09:00 \\
            --to 2026-03-06T22:00:00+09:00 --percent 50 --ref LAG-1
        """
    )

    @Option(help: "The cafe's identifier.", transform: ArgumentText.name)
    var id: CafeID
    @Option(
      help: ArgumentHelp("The begin of the period.", valueName: "time"),
      transform: ArgumentText.instant
    )
    var from: Instant
    @Option(
      help: ArgumentHelp("Its end.", valueName: "time"),
      transform: ArgumentText.instant
    )
    var to: Instant
    @Option(help: "The share to give back, 1 to 100.", transform: ArgumentText.percent)
    var percent: Int
    @Option(help: "What makes it unique.", transform: ArgumentText.name)
    var ref: BookingReference
    @OptionGroup var options: GlobalOptions

    func validate() throws {
      if to <= from { throw ValidationError("--from must be before --to.") }
    }

    func output(from administration: any Administration) async throws -> CommandOutput {
      let compensation = Compensation(from: from, to: to, percent: percent, reference: ref)
      let report = try await administration.compensate(compensation, for: id)
      return .compensation(report, as: ref, for: id)
    }
  }
}
