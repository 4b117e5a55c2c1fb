import Archive
import Domain
import Foundation
import HTTPAPI
import Logging
import RedisClient
import RedisStore

/// The settings as the service and its commands use them: typed, within their ranges and free of
/// contradictions. Made by ``load(environment:file:)`` only.
struct Configuration: Sendable {
  /// Each request from a proxy is compared with all of them.
  static let maximumTrustedProxies = 64

  /// Where game servers and launchers connect.
  let httpAddress: ListenAddress
  /// Where operators and monitoring connect.
  let managementAddress: ListenAddress
  /// What the listeners speak TLS with; nil for plain HTTP.
  let listenerFiles: ListenerFiles?
  /// Proxies whose `X-Forwarded-For` is believed.
  let trustedProxies: [Network]
  /// How to reach Redis, the password included.
  let redis: RedisConfiguration
  /// What encrypted connections to Redis are made with.
  let redisFiles: RedisFiles
  /// What stands before every key.
  let redisPrefix: String
  /// How many partitions the key space has.
  let partitionCount: Int
  /// Whether a Redis that may lose money is refused.
  let durability: RedisRequirements.Durability
  /// How many replicas must have what callers are told is done.
  let replicaCount: Int
  /// Where the ledger is kept outside Redis.
  let archiveDirectory: ArchiveDirectory?
  /// 32 bytes each: the present master key and, while it is being replaced, the previous one.
  let masterKeys: Secret<[[UInt8]]>
  /// What `/v1/admin` asks for; without one it refuses everybody.
  let adminToken: Secret<String>?
  /// What it also takes while the token is being replaced.
  let adminTokenPrevious: Secret<String>?
  /// The durations that rule sessions and hosts.
  let timings: Timings
  /// Whose midnights bound the months that are settled.
  let settlementTimeZone: TimeZone
  /// How often the service reconciles.
  let reconcileInterval: Recurrence
  /// How many reservations an address may hold.
  let matchLimits: MatchLimits
  /// What rules the host API, its secrets included.
  let hosts: Secret<HostAPISettings>
  /// How much callers may ask.
  let requestLimits: RequestLimits
  /// The bounds of each listener's connections.
  let connectionLimits: ConnectionLimits
  /// What is told of events that a cafe's owner wants to know.
  let webhook: Secret<WebhookSender.Endpoint>?
  /// The files that secrets were read from.
  let secretFiles: [SecretFile]
  /// The least important messages that are logged.
  let logLevel: Logger.Level
  /// How a line of the log looks.
  let logFormat: LogFormat

  /// Reads every setting. The result only counts if the reader found no fault: it then holds
  /// defaults where values were wrong.
  init(_ reader: inout SettingsReader) {
    httpAddress = reader.value(.httpAddress, ListenAddress.init)
    managementAddress = reader.value(.managementAddress, ListenAddress.init)
    listenerFiles = ListenerFiles(&reader)
    trustedProxies = reader.optional(.trustedProxies, SettingText.networks) ?? []
    let redis = reader.redis()
    redisFiles = RedisFiles(&reader)
    self.redis = reader.encrypted(redis, redisFiles)
    redisPrefix = reader.value(.redisPrefix, SettingText.prefix)
    partitionCount = reader.value(.partitions) { SettingText.integer($0, in: Partition.counts) }
    durability = reader.value(.redisDurability, RedisRequirements.Durability.init(rawValue:))
    replicaCount = reader.value(.redisReplicas) {
      SettingText.integer($0, in: Setting.replicaCounts)
    }
    archiveDirectory = reader.optional(.archiveDirectory, SettingText.absolutePath)
      .map(ArchiveDirectory.init)
    let masterKey = reader.required(.masterKey, SettingText.key)
    let previousKey = reader.optional(.masterKeyPrevious, SettingText.key)
    masterKeys = Secret([masterKey, previousKey].compactMap(\.self))
    adminToken = reader.optional(.adminToken, SettingText.token).map { Secret($0) }
    adminTokenPrevious = reader.optional(.adminTokenPrevious, SettingText.token)
      .map { Secret($0) }
    reader.demand(
      adminTokenPrevious == nil || adminToken != nil,
      of: .adminTokenPrevious,
      with: .adminToken,
      "must not be set without \(Setting.adminToken.name)"
    )
    timings = Timings(&reader)
    matchLimits = reader.value(.matchPendingPerAddress, SettingText.matchLimits)
    hosts = Secret(HostAPISettings(&reader))
    requestLimits = RequestLimits(&reader)
    connectionLimits = ConnectionLimits(&reader)
    settlementTimeZone = reader.value(.settlementTimeZone, SettingText.timeZone)
    reconcileInterval = reader.value(.reconcileInterval, SettingText.recurrence)
    webhook = reader.webhook().map { Secret($0) }
    secretFiles = reader.secretFiles
    logLevel = reader.value(.logLevel, Logger.Level.init(rawValue:))
    logFormat = reader.value(.logFormat, LogFormat.init(rawValue:))
    reader.demand(
      httpAddress != managementAddress || httpAddress.port == 0,
      of: .managementAddress,
      with: .httpAddress,
      "must be another address than \(Setting.httpAddress.name)"
    )
  }
}

extension Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The settings for the log, in one line and without secrets.
  var description: String {
    """
    public \(httpAddress)\(listenerFiles == nil ? "" : " with TLS"), \
    management \(managementAddress), Redis \(redis), \
    prefix \(redisPrefix), \(partitionCount) partitions, durability \(durability.rawValue)
    """
  }

  /// The same as `description`, so that a debugger prints no secret.
  var debugDescription: String { description }

  /// Without children, so that `dump` shows no secret: the Redis configuration holds a password.
  var customMirror: Mirror { Mirror(self, children: [:]) }
}
