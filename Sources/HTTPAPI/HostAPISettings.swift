import Domain

/// What an operator decides about the host API. It holds secrets: never print it.
public struct HostAPISettings: Sendable, Equatable {
  /// What hosts show, the newest first; without any the hosts' endpoints refuse everybody.
  public var secrets: [String]
  /// The regions that hosts can be in.
  public var regions: [Region]
  /// Where a host is that does not say.
  public var defaultRegion: Region
  /// Whether everybody may see in which room a host waits.
  public var showsRoomsToEveryone: Bool
  /// The web pages that may call.
  public var origins: AllowedOrigins
  /// Where clients meet their host; there is one wherever there is a secret.
  public var signalingURL: String?
  /// What clients and hosts connect through.
  public var iceServers: ICEServers

  /// Settings from their parts.
  public init(
    secrets: [String],
    regions: [Region],
    defaultRegion: Region,
    showsRoomsToEveryone: Bool,
    origins: AllowedOrigins,
    signalingURL: String?,
    iceServers: ICEServers
  ) {
    self.secrets = secrets
    self.regions = regions
    self.defaultRegion = defaultRegion
    self.showsRoomsToEveryone = showsRoomsToEveryone
    self.origins = origins
    self.signalingURL = signalingURL
    self.iceServers = iceServers
  }
}

/// The web pages that may call `/api`.
public enum AllowedOrigins: Sendable, Equatable {
  /// Any.
  case any
  /// Those of these origins, written as browsers send them: `https://play.example`.
  case listed(Set<String>)
}
