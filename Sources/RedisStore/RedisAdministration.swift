import Domain

/// The operator's port on Redis. The commands stand in extensions: games, cafes, sessions.
public struct RedisAdministration: Administration {
  let link: RedisLink
  let secrets: LauncherSecrets
  /// Tells what Redis has forgotten of ended sessions.
  let ledger: any LedgerSource

  /// The port over a link; new launcher secrets are derived from the master keys.
  ///
  /// - Parameter ledger: Where lines of the ledger are read; nil for the stream behind the link.
  public init(link: RedisLink, secrets: LauncherSecrets, ledger: (any LedgerSource)? = nil) {
    self.link = link
    self.secrets = secrets
    self.ledger = ledger ?? RedisLedger(link: link)
  }

  /// Turns a fault of the link into an error of the port.
  func attempt<T>(
    _ body: () async throws(ServiceFault) -> T
  ) async throws(AdministrationError) -> T {
    do throws(ServiceFault) {
      return try await body()
    } catch {
      throw .fault(error)
    }
  }

  func partition(of cafe: CafeID) -> Partition {
    Partition(of: cafe, count: link.keys.partitionCount)
  }
}
