import RedisClient

/// Has Redis begin a new append-only file once after each of its starts, before anything is written
/// to it.
///
/// A script's effects stand in the file between `MULTI` and `EXEC`. When a crash cuts the file
/// within a command in between, Redis drops that half command at its start, but leaves the opened
/// transaction in the file. In memory nothing of it was applied; but the start after that reads
/// what was written since as a part of it, and applies the half script: a balance without its
/// ledger line. A rewritten file comes from memory and has no such tail. Until it is complete the
/// service writes nothing.
///
/// Seen with Redis 7.0.15; Valkey mended it in August 2026 (valkey-io/valkey#4342).
struct AppendOnlyFileRenewal: Sendable {
  private static let pause = Duration.milliseconds(10)
  /// Rewriting takes seconds per GiB. An attempt to connect waits so long and then says what it
  /// waits for; the next one goes on waiting.
  private static let patience = Duration.seconds(5)

  let settings: String
  /// Redis' number of this run of the server, `run_id`.
  let run: String

  /// Has the file rewritten, unless that was done for this run, and returns when it is.
  ///
  /// - Throws: ``UnfitRedis`` when Redis refuses, fails or needs long, `RedisError` when it does
  ///   not answer.
  func perform(over connection: RedisConnection) async throws {
    guard try await !isMarked("renewed", connection), try await !hasRewritten(connection) else {
      return
    }
    if try await !isMarked("renewing", connection) {
      try await begin(connection)
    }
    try await finish(connection)
    _ = try await connection.send(RedisCommand("HSET", settings, "renewed", run))
  }

  private func isMarked(_ mark: String, _ connection: RedisConnection) async throws -> Bool {
    try await connection.send(RedisCommand("HGET", settings, mark)).textIfAny == run
  }

  /// Whether the server has rewritten its file since its start in any case, as a replica does when
  /// it takes over all of its master's data. So a replica that is promoted serves at once.
  private func hasRewritten(_ connection: RedisConnection) async throws -> Bool {
    let info = try await RedisRequirements.fields(
      ofInfo: connection.send(RedisCommand("INFO", "persistence")).textIfAny ?? ""
    )
    guard let count = info["aof_rewrites"].flatMap({ Int($0) }) else { return false }
    return count > 0 && info["aof_rewrite_in_progress"] == "0"
      && info["aof_rewrite_scheduled"] == "0" && info["aof_last_bgrewrite_status"] == "ok"
  }

  private func begin(_ connection: RedisConnection) async throws {
    do throws(RedisError) {
      _ = try await connection.send(RedisCommand("BGREWRITEAOF"))
    } catch {
      guard case .server(let reply) = error else { throw error }
      // Another connection asked for it at the same time.
      guard reply.message.contains("in progress") else {
        throw UnfitRedis(faults: [
          "Redis begins no new append-only file (\(reply.message)): let the service's Redis user "
            + "run BGREWRITEAOF"
        ])
      }
    }
    _ = try await connection.send(RedisCommand("HSET", settings, "renewing", run))
  }

  private func finish(_ connection: RedisConnection) async throws {
    let end = ContinuousClock.now + Self.patience
    while true {
      let info = try await RedisRequirements.fields(
        ofInfo: connection.send(RedisCommand("INFO", "persistence")).textIfAny ?? ""
      )
      if info["aof_rewrite_in_progress"] == "0", info["aof_rewrite_scheduled"] == "0" {
        guard info["aof_last_bgrewrite_status"] == "ok" else {
          _ = try await connection.send(RedisCommand("HDEL", settings, "renewing"))
          throw UnfitRedis(faults: [
            "Redis could not rewrite its append-only file: see its log, free memory and disk"
          ])
        }
        return
      }
      guard ContinuousClock.now < end else {
        throw UnfitRedis(faults: ["Redis is rewriting its append-only file after its start"])
      }
      try await Task.sleep(for: Self.pause)
    }
  }
}
