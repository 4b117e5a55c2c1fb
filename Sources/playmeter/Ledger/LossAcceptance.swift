import Domain
import Ledger
import RedisStore

/// Lets the ledger go on without lines that nobody has; the work of `playmeter ledger accept-loss`.
struct LossAcceptance {
  let redis: RedisRestore
  /// What the archive and the notes of services know.
  let known: LedgerWatermark

  /// Accepts losses by their names: each must be exactly what its partition lacks.
  ///
  /// - Returns: What is lost and was not named; the service still refuses such a Redis.
  /// - Throws: ``LedgerFault`` that says what is lost, when any name is wrong or the archive has
  ///   lines that Redis lacks. Then nothing was done.
  func accept(_ named: [LedgerLoss]) async throws -> [LedgerLoss] {
    let forgotten = try await redis.forgotten(of: known)
    for loss in named { try check(loss, forgotten) }
    for loss in named {
      guard try await redis.accept(loss) else {
        throw LedgerFault.broken("\(loss): somebody has gone on with this Redis meanwhile")
      }
    }
    return forgotten.compactMap(\.lost).filter { !named.contains($0) }
  }

  private func check(_ loss: LedgerLoss, _ forgotten: [ForgottenLines]) throws(LedgerFault) {
    guard let lines = forgotten.first(where: { $0.partition == loss.partition }) else {
      throw .broken("\(loss) is not lost: Redis has all that is known of that partition")
    }
    if lines.isOther { throw .broken("\(lines): that is no loss, and nobody can mend it here") }
    if lines.isRestorable {
      throw .broken(
        "the archive has lines of partition \(loss.partition.number) up to seq \(lines.archived), "
          + "Redis only up to seq \(lines.present): run \"playmeter ledger restore\" first"
      )
    }
    guard lines.lost == loss else {
      let lost = forgotten.compactMap(\.lost).map(\.description).joined(separator: " ")
      throw .broken("\(loss) is not what is lost. Nobody has: \(lost)")
    }
  }
}
