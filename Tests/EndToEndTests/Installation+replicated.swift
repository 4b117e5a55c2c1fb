import Domain
import Support
import Testing

/// An installation on a Redis with replicas and Sentinels.
extension Installation {
  /// Starts everything, runs the body, audits whichever server is the master then, and ends the
  /// service.
  static func openReplicated(
    replicas: Int = 2,
    redis settings: [String: String] = [:],
    settings own: [String: String] = [:],
    _ body: (Installation, ReplicatedRedis) async throws -> Void
  ) async throws {
    let redis = try await ReplicatedRedis.start(replicas: replicas, settings: settings)
    let environment = ["PLAYMETER_REDIS_URL": redis.sentinels.url].merging(own) { _, own in own }
    let service = try await withLink(redis.servers[0]) { link in
      let stage = try await start(redis.servers[0], link, environment, nil)
      try await body(stage, redis)
      try await stage.onMaster(of: redis) { try await $0.audit() }
      return stage.service
    }
    if service.isRunning {
      #expect(try await service.terminate() == 0)
    }
  }

  /// The same installation with the present master for looks at its keys.
  func onMaster<Result>(
    of redis: ReplicatedRedis,
    _ body: (Installation) async throws -> Result
  ) async throws -> Result {
    let master = try await redis.master()
    return try await Self.withLink(master) { link in
      try await body(
        Installation(
          redis: master,
          link: link,
          environment: environment,
          skyfall: skyfall,
          tower: tower,
          service: service
        )
      )
    }
  }
}
