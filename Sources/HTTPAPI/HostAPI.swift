import Domain

/// What the public API needs to serve hosts and the clients that look for one.
public struct HostAPI: Sendable {
  let registry: any HostRegistry
  let matchmaker: any Matchmaker
  let settings: HostAPISettings
  let clock: @Sendable () -> ContinuousClock.Instant

  /// The host API over its ports.
  ///
  /// - Parameter clock: Measures how old a list is.
  public init(
    registry: any HostRegistry,
    matchmaker: any Matchmaker,
    settings: HostAPISettings,
    clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.registry = registry
    self.matchmaker = matchmaker
    self.settings = settings
    self.clock = clock
  }
}
