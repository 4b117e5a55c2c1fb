import HTTPAPI
import RedisClient
import RedisStore

extension Playmeter {
  /// What keeps the service from billing with these settings, and what it puts up with though it
  /// may cost money. Both are empty when all is well.
  static func examine(
    _ configuration: Configuration
  ) async -> (faults: [String], warnings: [String]) {
    let requirements = RedisRequirements(configuration)
    let archive = configuration.archiveLook
    let own = (
      faults: archive.faults + configuration.listenerFaults,
      warnings: configuration.archiveWarnings + configuration.secretFiles.compactMap(\.warning)
    )
    do {
      return try await withRedis(configuration) { client in
        let redis = await requirements.findings(
          on: client,
          now: WallClock.seconds(),
          knowing: archive.known
        )
        return (redis.faults + own.faults, redis.warnings + own.warnings)
      }
    } catch {
      return (["\(error)"] + own.faults, own.warnings)
    }
  }
}
