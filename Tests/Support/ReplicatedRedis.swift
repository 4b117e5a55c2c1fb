/// A master with replicas, and Sentinels that watch it.
public struct ReplicatedRedis: Sendable {
  /// A replica has synchronised within a second or two.
  private static let limit = Duration.seconds(30)

  /// All servers; the first was the master at the start.
  public let servers: [RedisServer]
  public let sentinels: Sentinels

  /// Starts everything and returns when the replicas are in step and the Sentinels know all.
  ///
  /// - Parameters:
  ///   - settings: Directives for every server.
  ///   - sentinelPassword: What Sentinels ask their clients for.
  public static func start(
    replicas: Int = 2,
    settings: [String: String] = [:],
    sentinelPassword: String? = nil
  ) async throws -> ReplicatedRedis {
    // A disk that is asked by three servers for each write would be measured here, and a replica
    // that waits for its first snapshot.
    let usual = ["repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1"]
    let options = RedisServer.Options(
      listensOnTCP: true,
      settings: usual.merging(settings) { _, given in given }
    )
    var servers: [RedisServer] = []
    for _ in 0...replicas { servers.append(try await .start(options)) }
    for replica in servers.dropFirst() {
      _ = try await replica.raw("REPLICAOF 127.0.0.1 \(servers[0].port)")
    }
    try await Waiting.until("replicas in step", within: limit) {
      try await servers[0].onlineReplicas == replicas
    }
    let sentinels = try await Sentinels.start(
      watching: servers[0],
      replicas: replicas,
      password: sentinelPassword
    )
    return ReplicatedRedis(servers: servers, sentinels: sentinels)
  }

  /// The server that most Sentinels call the master.
  public func master() async throws -> RedisServer {
    let port = try await sentinels.masterPort()
    guard let server = servers.first(where: { $0.port == port }) else {
      throw SupportError("the Sentinels name a master at port \(port), which is none of ours")
    }
    return server
  }

  /// Waits until the Sentinels have put another server in a former master's place.
  public func awaitSwitch(from former: RedisServer) async throws -> RedisServer {
    var new: RedisServer?
    try await Waiting.until("another master", within: Self.limit) {
      guard let port = try? await sentinels.masterPort(), port != former.port else { return false }
      new = servers.first { $0.port == port }
      return try await new?.raw("ROLE").contains("master") ?? false
    }
    guard let new else { throw SupportError("the Sentinels name a stranger as master") }
    return new
  }
}

extension RedisServer {
  /// How many replicas a master has that are in step.
  public var onlineReplicas: Int {
    get async throws {
      try await raw("INFO replication").split(separator: "\r\n")
        .count { $0.contains("state=online") }
    }
  }
}
