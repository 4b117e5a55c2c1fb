/// A gaming PC that offers itself for streaming, named by its own program.
public struct HostID: Name {
  public static let rule = NameRule.label
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isLabel(text) else { return nil }
    self.text = text
  }
}

/// The room of the signaling server in which a host waits for its client.
public struct RoomID: Name {
  public static let rule = NameRule.label
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isLabel(text) else { return nil }
    self.text = text
  }
}

/// A part of the world with hosts of its own; which ones there are is a setting.
public struct Region: Name {
  public static let rule = NameRule.slug
  public let text: String
  public init?(_ text: String) {
    guard NameRule.isSlug(text) else { return nil }
    self.text = text
  }
}

/// A slot of a host that is kept for one client: `rv_<uuid>`.
public struct ReservationID: IssuedID {
  public static let prefix = "rv_"
  public let id: PartitionedID
  public init(_ id: PartitionedID) { self.id = id }

  /// A new random identifier. Hosts belong to no partition.
  public static func random() -> ReservationID {
    .random(in: Partition(number: 0))
  }

  /// Reads `rv_<uuid>`; nil when it is no identifier of ours.
  public init?(_ text: String) {
    self.init(text, partitionCount: 1)
  }
}

/// What a host says of itself, or is told to be.
public enum HostStatus: String, Sendable, CaseIterable {
  /// It waits for clients.
  case idle
  /// It is in play; nobody is sent to it.
  case busy
  /// It takes nobody new.
  case draining
}

/// A sign of life of a host.
public struct HostBeat: Sendable, Equatable {
  /// Slots that a host may have.
  public static let capacities: ClosedRange<Int> = 1...64

  /// The host.
  public let id: HostID
  /// Its room; another one than before is a new incarnation, whose reservations are gone.
  public let room: RoomID
  /// Where it is.
  public let region: Region
  /// What it says it is; nil keeps what it said before, and makes a new one idle.
  public let status: HostStatus?
  /// How many clients it can serve at once.
  public let capacity: Int
  /// How many of these it offers now; nil when it does not say.
  public let availableSlots: Int?

  /// A sign of life from its parts.
  public init(
    id: HostID,
    room: RoomID,
    region: Region,
    status: HostStatus?,
    capacity: Int,
    availableSlots: Int?
  ) {
    self.id = id
    self.room = room
    self.region = region
    self.status = status
    self.capacity = capacity
    self.availableSlots = availableSlots
  }
}

/// A live host.
public struct HostReport: Sendable, Equatable {
  /// Its identifier.
  public let id: HostID
  /// Its room, for those who may know.
  public let room: RoomID
  /// Where it is.
  public let region: Region
  /// What it is.
  public let status: HostStatus
  /// Whether an operator drains it.
  public let isDrained: Bool
  /// How many clients it can serve at once.
  public let capacity: Int
  /// How many more it would be handed now.
  public let availableSlots: Int
  /// When it was last heard.
  public let lastHeartbeat: Instant
  /// How long its key still lives, in milliseconds.
  public let ttlMilliseconds: Int64

  /// A report from its parts.
  public init(
    id: HostID,
    room: RoomID,
    region: Region,
    status: HostStatus,
    isDrained: Bool,
    capacity: Int,
    availableSlots: Int,
    lastHeartbeat: Instant,
    ttlMilliseconds: Int64
  ) {
    self.id = id
    self.room = room
    self.region = region
    self.status = status
    self.isDrained = isDrained
    self.capacity = capacity
    self.availableSlots = availableSlots
    self.lastHeartbeat = lastHeartbeat
    self.ttlMilliseconds = ttlMilliseconds
  }
}

/// Which hosts of a list are wanted.
public struct HostFilter: Sendable, Hashable {
  /// Which hosts count.
  public enum Selection: String, Sendable {
    /// Those that could be matched now.
    case matchable
    /// Those that say they are busy.
    case busy
    /// Every live one.
    case all
  }

  /// Only this region.
  public var region: Region?
  /// Which hosts count.
  public var selection: Selection

  /// A filter from its parts.
  public init(region: Region? = nil, selection: Selection = .matchable) {
    self.region = region
    self.selection = selection
  }
}

/// The registry of hosts. Each call is one atomic step in Redis. All throw ``ServiceFault``.
public protocol HostRegistry: Sendable {
  /// Registers a host or renews its life.
  func heartbeat(_ beat: HostBeat) async throws(ServiceFault)

  /// Sets a status that stands whatever later heartbeats say, until the next such call or a new
  /// room; idle lets the heartbeats speak again. False when the host does not live.
  func setStatus(_ status: HostStatus, of host: HostID) async throws(ServiceFault) -> Bool

  /// Takes a host out at once. False when it does not live.
  func leave(_ host: HostID) async throws(ServiceFault) -> Bool

  /// Keeps a host from being matched, or lets it be matched again. Neither the host nor the end of
  /// its life changes that. False when the host does not live and was not drained.
  func drain(_ host: HostID, isDrained: Bool) async throws(ServiceFault) -> Bool

  /// A page of live hosts, by identifier.
  func hosts(_ filter: HostFilter, _ page: PageRequest) async throws(ServiceFault) -> Page<
    HostReport
  >
}
