import Domain
import Logging
import NIOCore
import NIOPosix
import RedisClient
import Support

@testable import RedisStore

/// Hosts on a real Redis whose clock stands until the test moves it, seen by one or more instances
/// of the service, each with connections of its own.
///
/// At the end every reservation's events and all counts are audited. This Redis keeps nothing on
/// disk, so that a restart loses its hosts.
struct HostStage {
  let server: RedisServer
  let instances: [RedisHosts]
  let link: RedisLink

  /// The only instance, or the first of several.
  var hosts: RedisHosts { instances[0] }

  static func open(
    instances count: Int = 1,
    timings: Timings = Timings(),
    pendingPerAddress: Int? = nil,
    options: RedisServer.Options = .init(settings: ["appendonly": "no"]),
    _ body: (HostStage) async throws -> Void
  ) async throws {
    let server = try await RedisServer.start(options)
    server.clock.hold()
    let limits = MatchLimits(pendingPerAddress: pendingPerAddress)
    let clients = try (0..<count).map { _ in try client(of: server) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in clients {
        group.addTask { try await client.run() }
        try await client.waitUntilConnected(within: .seconds(10))
      }
      defer { group.cancelAll() }
      let links = clients.map {
        RedisLink(client: $0, keys: Keys(), scripts: Scripts(timings: timings))
      }
      let stage = HostStage(server, links, limits)
      try await body(stage)
      try await stage.auditEvents()
      try await stage.auditTally()
    }
    try await server.stop()
  }

  private init(_ server: RedisServer, _ links: [RedisLink], _ limits: MatchLimits) {
    self.server = server
    self.link = links[0]
    instances = links.map { RedisHosts(link: $0, limits: limits) }
  }

  private static func client(of server: RedisServer) throws -> RedisClient {
    var configuration = try RedisConfiguration(url: server.url)
    // Many tests share the machine; none of these is about a Redis that does not answer.
    configuration.commandTimeout = .seconds(20)
    return RedisClient(
      configuration: configuration,
      eventLoops: MultiThreadedEventLoopGroup.singleton,
      connectionCount: 2,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }
}

/// What tests do again and again.
extension HostStage {
  /// Moves Redis' clock.
  func pass(seconds: Int64) { server.clock.advance(by: .seconds(seconds)) }

  /// A sign of life, of an idle host with one slot unless the test says otherwise.
  func beat(
    _ id: String,
    room: String = "room",
    region: String = "local",
    status: HostStatus? = .idle,
    capacity: Int = 1,
    slots: Int? = nil
  ) async throws {
    let beat = HostBeat(
      id: HostID(id)!,
      room: RoomID(room)!,
      region: Region(region)!,
      status: status,
      capacity: capacity,
      availableSlots: slots
    )
    try await hosts.heartbeat(beat)
  }

  /// Signs of life of many hosts, some at once. They are named `<name>-1` and so on.
  func beatMany(
    _ count: Int,
    _ name: String = "pc",
    region: String = "local",
    capacity: Int = 1
  ) async throws {
    let lanes = 32
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<min(lanes, count) {
        group.addTask {
          for number in stride(from: lane + 1, through: count, by: lanes) {
            try await beat("\(name)-\(number)", region: region, capacity: capacity)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// A find whose outcome the test looks at.
  func find(
    host: String? = nil,
    in regions: [String] = [],
    address: String = "203.0.113.7",
    key: String? = nil
  ) async throws -> MatchOutcome {
    let request = MatchRequest(
      regions: regions.map { Region($0)! },
      host: host.map { HostID($0)! },
      address: address,
      idempotencyKey: key
    )
    return try await hosts.find(request)
  }

  /// A find that must succeed.
  func take(
    host: String? = nil,
    in regions: [String] = [],
    address: String = "203.0.113.7",
    key: String? = nil
  ) async throws -> Match {
    let outcome = try await find(host: host, in: regions, address: address, key: key)
    guard case .found(let match) = outcome else { throw SupportError("no host: \(outcome)") }
    return match
  }

  func setStatus(_ status: HostStatus, _ id: String = "pc") async throws -> Bool {
    try await hosts.setStatus(status, of: HostID(id)!)
  }

  func drain(_ id: String = "pc", _ isDrained: Bool = true) async throws -> Bool {
    try await hosts.drain(HostID(id)!, isDrained: isDrained)
  }

  func leave(_ id: String = "pc") async throws -> Bool {
    try await hosts.leave(HostID(id)!)
  }
}
