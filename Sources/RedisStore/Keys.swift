import Domain

/// The key layout: the name of every Redis key, in one place.
///
/// A key is `<prefix>:{<tag>}:<name>…`. All keys of a cafe carry the tag of its partition, all
/// games the tag `games`, so that every script touches one Redis Cluster slot. A script gets one
/// key, the tag's clock, and builds the others from the same names (``luaConstants``).
///
/// | Key | Type | TTL | Holds |
/// |---|---|---|---|
/// | `session:<gs>` | string | session TTL | that the game session is alive |
/// | `meter:<gs>` | string | until closed | every fact needed to bill and to close it, packed |
/// | `ended:<gs>`, `ended:<ls>` | hash, string | ended memory | the answer for late calls |
/// | `record:<gs>` | hash | record retention | evidence of an ended game session |
/// | `launcher:<ls>` | string | launcher TTL | that the launcher session is alive, and where |
/// | `seat:<ls>` | string | until removed | the facts of a launcher session |
/// | `ott:<uuid>` | string | token TTL; used: ended memory | a one-time token |
/// | `nonce:<cafe>:<nonce>` | string | 15 min | the launcher session that used it |
/// | `pc:<cafe>:<pc>` | string | until empty | the PC's live launcher and game session |
/// | `cafe:<cafe>` | hash | – | name, networks, secret generation |
/// | `account:<cafe>` | string | – | its balance, rate of spending, count of PCs, status |
/// | `cafes` | set | – | the partition's cafes |
/// | `live:<cafe>` | set | – | its live game sessions |
/// | `grace` | set | – | the partition's game sessions that are in grace |
/// | `history:<cafe>` | sorted set | record retention | end in ms → ended game session |
/// | `silent:<cafe>` | sorted set | session TTL | its sessions that fell silent |
/// | `silenced` | string | until told | cafes that fell silent as a whole |
/// | `back` | string | until it has caught up | that the ledger tells that the clock went back |
/// | `refs:<cafe>` | hash | – | reference → the entry that it was booked for |
/// | `credited:<cafe>:<ref>` | hash | until done | sessions that a compensation has credited |
/// | `due` | sorted set | – | deadline in ms → game session or launcher |
/// | `aside` | hash | – | entry that could not be stepped → the fault |
/// | `ledger` | stream | – | the ledger |
/// | `clock` | string | – | highest time seen, last ledger number, service's heartbeat, holds |
/// | `holds` | sorted set | record retention | end in ms → a hold that is past |
/// | `notices` | stream | – | ledger lines that a webhook is to tell, until it has |
/// | `lease:<work>` | string | seconds | who alone does some work: archiving, telling a webhook |
/// | `lease-number:<work>` | string | – | how often that right changed hands |
/// | `archive-seen` | string | – | the highest such number that has trimmed this ledger |
/// | `barrier` | string | – | written behind what replicas must have, so that WAIT waits for it |
/// | `games`, `game:<game>` | set, hash | – | the games |
/// | `keys:<game>`, `apikey:<sha256>` | hash | – | their API keys |
/// | `version` | string | – | a number that moves on with every change of a game |
/// | `host:<host>` | string | host TTL | a host that streams |
/// | `names` | sorted set | – | the hosts by name |
/// | `free:<region>` | sorted set | – | last heartbeat in ms → host with a free slot |
/// | `others` | sorted set | – | last heartbeat in ms → host without one |
/// | `reservations` | hash | – | reservation that has not ended → the slot it keeps for a client |
/// | `held:<host>` | list | – | the host's reservations, in the order of their making |
/// | `confirmed:<host>` | sorted set | – | number of the busy → confirmed one of these |
/// | `lapses` | list | – | deadlines in ms of pending reservations, in order |
/// | `expiries` | sorted set | – | deadline in ms → confirmed reservation |
/// | `address:<address>` | list | – | its pending reservations |
/// | `idempotency:<address>:<key>` | string | confirmed TTL | the reservation that it got |
/// | `tally` | hash | – | outcome → reservations that came to it |
/// | `census`, `counted` | hash | – | standing and region → hosts; host → where it is counted |
/// | `drained` | set | – | hosts that an operator keeps from being matched |
/// | `epoch`, `warming` | string | –, host TTL | whether Redis remembers its hosts |
/// | `events` | stream | – | what happened to hosts and reservations, the latest 100,000 |
/// | `turn:<work>` | string | the work's interval | that an instance does it for all |
/// | `settings` | hash | – | the count of partitions; the run of Redis whose file was renewed |
public struct Keys: Sendable {
  /// The part of a name after the tag, as Lua and Swift know it.
  enum Name: String, CaseIterable {
    case session = "session:"
    case meter = "meter:"
    case ended = "ended:"
    case record = "record:"
    case launcher = "launcher:"
    case seat = "seat:"
    case ott = "ott:"
    case nonce = "nonce:"
    case pc = "pc:"
    case cafe = "cafe:"
    case account = "account:"
    case cafes
    case live = "live:"
    case grace
    case history = "history:"
    case silent = "silent:"
    case silenced
    case back
    case refs = "refs:"
    case credited = "credited:"
    case due
    case aside
    case ledger
    case clock
    case notices
    case lease = "lease:"
    case leaseNumber = "lease-number:"
    case archiveSeen = "archive-seen"
    case pastHolds = "holds"
    case barrier
    case game = "game:"
    case games
    case gameKeys = "keys:"
    case apiKey = "apikey:"
    case version
    case settings
    case host = "host:"
    case hostNames = "names"
    case free = "free:"
    case others
    case held = "held:"
    case reservations
    case lapses
    case confirmed = "confirmed:"
    case expiries
    case address = "address:"
    case idempotency = "idempotency:"
    case tally
    case census
    case counted
    case drained
    case epoch
    case warming
    case events
    case turn = "turn:"

    /// The name as scripts write it after `KEY.`.
    fileprivate var luaField: String {
      switch self {
      case .leaseNumber: "lease_number"
      case .archiveSeen: "archive_seen"
      case .gameKeys: "game_keys"
      case .apiKey: "api_key"
      case .pastHolds: "past_holds"
      case .hostNames: "host_names"
      default: "\(self)"
      }
    }
  }

  /// What stands before every key, so that several installations can share a Redis.
  public let prefix: String
  /// How many partitions there are; fixed at the first start.
  public let partitionCount: Int
  /// The key of which each call of a partition has need, for all of them and the games; to put it
  /// together each time was 1 % of the instructions of a heartbeat.
  private let clocks: [String]

  /// A layout.
  public init(prefix: String = "pm", partitionCount: Int = 64) {
    self.prefix = prefix
    self.partitionCount = partitionCount
    let tags = (0..<partitionCount).map { "p\($0)" } + [Self.gamesTag]
    clocks = tags.map { Self.key(prefix, $0, .clock) }
  }

  /// The partition number that stands for the games in ledger lines: one past the last.
  public var gamesPartition: Partition { Partition(number: partitionCount) }

  /// Every partition that holds cafes.
  public var partitions: [Partition] { (0..<partitionCount).map(Partition.init) }

  /// A key of a partition, or of the games.
  func key(_ name: Name, _ id: String = "", in partition: Partition) -> String {
    let tag = partition == gamesPartition ? Self.gamesTag : "p\(partition.number)"
    return Self.key(prefix, tag, name, id)
  }

  /// The key of a partition's clock, which stands for all of its keys in a call.
  func clock(of partition: Partition) -> String { clocks[partition.number] }

  /// A key of the hosts.
  func hostsKey(_ name: Name, _ id: String = "") -> String {
    Self.key(prefix, "hosts", name, id)
  }

  private static let gamesTag = "games"

  private static func key(
    _ prefix: String,
    _ tag: String,
    _ name: Name,
    _ id: String = ""
  ) -> String {
    "\(prefix):{\(tag)}:\(name.rawValue)\(id)"
  }

  /// The names as scripts write them, `KEY.session`, with the Lua values that stand for them.
  static var luaConstants: [String: String] {
    let pairs = Name.allCases.map { ("KEY.\($0.luaField)", "'\($0.rawValue)'") }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
