import Domain
import RedisClient

/// What Redis must be before the service bills on it, and what to change when it is not.
public struct RedisRequirements: Sendable {
  /// How strictly a Redis that may lose money is judged.
  public enum Durability: String, Sendable, CaseIterable {
    /// Refuse to bill on it.
    case strict
    /// Bill on it all the same; for laptops.
    case relaxed
  }

  let durability: Durability
  private let replicas: Int
  let keys: Keys

  /// Requirements.
  ///
  /// - Parameter replicas: How many replicas must acknowledge what callers are told.
  public init(durability: Durability, replicas: Int = 0, keys: Keys) {
    self.durability = durability
    self.replicas = replicas
    self.keys = keys
  }

  /// Fixes the count of partitions at the first start.
  var claim: RedisCommand {
    RedisCommand("HSETNX", settings, "partitions", String(keys.partitionCount))
  }

  /// The commands whose replies ``faults(in:)`` judges. They write nothing.
  var commands: [RedisCommand] {
    let always = [
      RedisCommand("INFO"), RedisCommand("HGET", settings, "partitions"), RedisCommand("TIME"),
    ]
    return asksForReplicas
      ? always + [RedisCommand("CONFIG", "GET", "min-replicas-to-write")] : always
  }

  private var asksForReplicas: Bool { durability == .strict && replicas > 0 }

  /// How the append-only file of the server that answered so is renewed; nil when it keeps none.
  func fileRenewal(in replies: [RedisReply]) -> AppendOnlyFileRenewal? {
    guard case .string(let text)? = replies.first else { return nil }
    let info = RedisRequirements.fields(ofInfo: text)
    guard info["aof_enabled"] == "1", let run = info["run_id"] else { return nil }
    return AppendOnlyFileRenewal(settings: settings, run: run)
  }

  private var settings: String { keys.key(.settings, in: keys.gamesPartition) }

  /// What makes this Redis unfit, in words that say what to do; empty when it is fit.
  func faults(in replies: [RedisReply]) -> [String] {
    let mismatch = [partitionFault(in: replies), replicaFault(in: replies)]
    return serverFaults(in: replies) + mismatch.compactMap(\.self)
  }

  /// The one fault that waiting never mends: another count of partitions than at the first start.
  func partitionFault(in replies: [RedisReply]) -> String? {
    guard replies.count == commands.count, let stored = replies[1].textIfAny,
      stored != String(keys.partitionCount)
    else { return nil }
    return "PLAYMETER_PARTITIONS is \(keys.partitionCount), but this Redis was first used with "
      + "\(stored): set PLAYMETER_PARTITIONS=\(stored)"
  }

  /// That a master without its replicas would go on writing what nobody else has: then a switch
  /// loses all that it wrote since it was cut off, and not only the latest moment.
  private func replicaFault(in replies: [RedisReply]) -> String? {
    guard asksForReplicas, replies.count == commands.count else { return nil }
    let least = replies[3].texts.last.flatMap { Int($0) }
    guard let least else {
      return
        "Redis does not tell min-replicas-to-write: let the service's Redis user run CONFIG GET"
    }
    guard least < replicas else { return nil }
    return "Redis writes without \(replicas) replicas (min-replicas-to-write \(least)): run CONFIG "
      + "SET min-replicas-to-write \(replicas) on each server and set it in redis.conf"
  }

  private func serverFaults(in replies: [RedisReply]) -> [String] {
    guard replies.count == commands.count, case .string(let text) = replies[0] else {
      return ["Redis did not answer INFO"]
    }
    let info = RedisRequirements.fields(ofInfo: text)
    guard info["role"] == "master" else {
      return [
        "Redis is a \(info["role"] ?? "server of unknown role"), not a master: "
          + "point PLAYMETER_REDIS_URL at the master"
      ]
    }
    return versionFaults(info) + (durability == .strict ? durabilityFaults(info) : [])
  }

  private func versionFaults(_ info: [String: String]) -> [String] {
    guard let version = info["redis_version"].flatMap(RedisVersion.init),
      version < RedisVersion.oldest
    else { return [] }
    return ["Redis \(version) is too old: install \(RedisVersion.oldest) or later"]
  }

  private func durabilityFaults(_ info: [String: String]) -> [String] {
    var faults: [String] = []
    if info["aof_enabled"] != "1" {
      faults.append(
        "Redis keeps no append-only file: run CONFIG SET appendonly yes and set it in "
          + "redis.conf, or set PLAYMETER_REDIS_DURABILITY=relaxed on a machine without real money"
      )
    }
    if let policy = info["maxmemory_policy"], policy != "noeviction" {
      faults.append(
        "Redis may evict keys (maxmemory-policy \(policy)): run CONFIG SET "
          + "maxmemory-policy noeviction and set it in redis.conf"
      )
    }
    if info["aof_last_write_status"] == "err" {
      faults.append("Redis cannot write its append-only file: free the disk it is on")
    }
    return faults
  }

  /// The `name:value` lines of INFO.
  static func fields(ofInfo text: String) -> [String: String] {
    let pairs = text.split(whereSeparator: \.isNewline)
      .compactMap { line -> (String, String)? in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (String(line[..<colon]), String(line[colon...].dropFirst()))
      }
    return Dictionary(pairs) { first, _ in first }
  }
}

extension RedisRequirements {
  /// Looks at Redis through a client.
  public func faults(of client: RedisClient) async -> [String] {
    do throws(RedisError) {
      return faults(in: try await client.send(pipeline: commands))
    } catch {
      return ["\(error)"]
    }
  }
}

extension RedisRequirements {
  /// By how much the clocks of the service and of Redis may differ, in seconds. Launchers'
  /// signatures are judged by the one, everything else by the other.
  private static let clockTolerance: Int64 = 5

  /// What is wrong between Redis' clock and this machine's, in Unix seconds; nil when nothing is.
  func clockFault(in replies: [RedisReply], now: Int64) -> String? {
    guard replies.count == commands.count, let text = replies[2].texts.first,
      let time = Int64(stored: text)
    else {
      return "Redis did not answer TIME"
    }
    guard abs(time - now) > Self.clockTolerance else { return nil }
    return "the clock of Redis is \(time - now) s off this machine's: let both keep time by NTP"
  }

  /// The fault that makes a start pointless, or nil; also nil while Redis does not answer, since a
  /// service that starts before its Redis waits for it.
  public func permanentFault(of client: RedisClient) async -> String? {
    guard let replies = try? await client.send(pipeline: commands) else { return nil }
    return partitionFault(in: replies)
  }
}
