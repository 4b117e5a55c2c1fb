import Domain

/// The settings of the Redis that keeps sessions and money, but for TLS.
extension Setting {
  static let redisURL = Setting(
    "PLAYMETER_REDIS_URL",
    default: "redis://127.0.0.1:6379/0",
    secret: true,
    rule: "a Redis URL",
    "the Redis that keeps sessions and money"
  )
  static let redisPassword = Setting(
    "PLAYMETER_REDIS_PASSWORD",
    secret: true,
    rule: "a password, and only if the URL holds none",
    "the password for Redis"
  )
  static let redisSentinelPassword = Setting(
    "PLAYMETER_REDIS_SENTINEL_PASSWORD",
    secret: true,
    rule: "a password, and only with a redis+sentinel:// URL",
    "the password for the Sentinels"
  )
  static let redisPrefix = Setting(
    "PLAYMETER_REDIS_PREFIX",
    default: "pm",
    rule: "1 to 16 of a-z, 0-9, _ and -",
    "what stands before every key"
  )
  static let partitions = Setting(
    "PLAYMETER_PARTITIONS",
    default: "64",
    rule: "a whole number from \(Partition.counts.lowerBound) to \(Partition.counts.upperBound)",
    "parts of the key space; fixed at the first start"
  )
  static let redisDurability = Setting(
    "PLAYMETER_REDIS_DURABILITY",
    default: "strict",
    rule: "strict or relaxed",
    "whether a Redis that may lose money is refused"
  )
  static let redisReplicas = Setting(
    "PLAYMETER_REDIS_REPLICAS",
    default: "0",
    rule: "a whole number from \(replicaCounts.lowerBound) to \(replicaCounts.upperBound)",
    "replicas that must have a top-up or an end before it is answered"
  )
  /// More replicas than that nobody has, and each must answer in time.
  static let replicaCounts = 0...5
}
