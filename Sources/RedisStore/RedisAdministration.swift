import Domain

/// The operator's port on Redis. The commands stand in extensions: games, cafes, sessions.
public struct RedisAdministration: Administration {
  let link: RedisLink
  let secrets: LauncherSecrets

  /// The port over a link; new launcher secrets are derived from the master keys.
  public init(link: RedisLink, secrets: LauncherSecrets) {
    self.link = link
    self.secrets = secrets
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
