/// Hands out hosts. Each call is one atomic step in Redis. All throw ``ServiceFault``.
public protocol Matchmaker: Sendable {
  /// Takes a slot of a host and reserves it.
  func find(_ request: MatchRequest) async throws(ServiceFault) -> MatchOutcome

  /// Makes a pending reservation a confirmed one. False when it is unknown or lapsed.
  func confirm(_ reservation: ReservationID) async throws(ServiceFault) -> Bool

  /// Gives a slot back. False when the reservation is unknown or lapsed.
  func release(_ reservation: ReservationID) async throws(ServiceFault) -> Bool
}

/// A client's wish for a host.
public struct MatchRequest: Sendable, Equatable {
  /// Further regions that may be tried.
  public static let maximumFallbacks = 16

  /// Regions in the order in which they are tried; empty accepts any.
  public let regions: [Region]
  /// Only this host.
  public let host: HostID?
  /// Who asks: an IPv4 address, or an IPv6 /64, of which one household has one.
  public let address: String
  /// The same reservation again while it is alive, for the same address.
  public let idempotencyKey: String?

  /// A request from its parts.
  public init(regions: [Region], host: HostID?, address: String, idempotencyKey: String?) {
    self.regions = regions
    self.host = host
    self.address = address
    self.idempotencyKey = idempotencyKey
  }
}

/// What became of a client's wish.
public enum MatchOutcome: Sendable, Equatable {
  /// A slot is reserved.
  case found(Match)
  /// No host that fits is free.
  case noneFree
  /// Redis lost its hosts a moment ago, so nobody can say whether one is free; seconds to wait.
  case warmingUp(retryAfterSeconds: Int64)
  /// The address holds as many pending reservations as it may; seconds until one of them lapses.
  case tooManyPending(retryAfterSeconds: Int64)
}

/// A reserved slot.
public struct Match: Sendable, Equatable {
  /// The reservation.
  public let reservation: ReservationID
  /// The host.
  public let host: HostID
  /// Its room.
  public let room: RoomID
  /// Its region.
  public let region: Region
  /// When the reservation lapses unless it is confirmed.
  public let expiresAt: Instant

  /// A match from its parts.
  public init(
    reservation: ReservationID,
    host: HostID,
    room: RoomID,
    region: Region,
    expiresAt: Instant
  ) {
    self.reservation = reservation
    self.host = host
    self.room = room
    self.region = region
    self.expiresAt = expiresAt
  }
}

/// Bounds of matchmaking that an operator sets.
public struct MatchLimits: Sendable, Equatable {
  /// Pending reservations that one address may hold; nil for any number.
  public var pendingPerAddress: Int?

  /// The published default.
  public init(pendingPerAddress: Int? = 3) {
    self.pendingPerAddress = pendingPerAddress
  }
}
