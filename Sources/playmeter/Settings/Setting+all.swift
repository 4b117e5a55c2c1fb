/// Every setting, in the order in which `config/playmeter.env.example` explains them. A test holds
/// that file, this table and what `Configuration` reads together. Those of the host API stand in
/// `Setting+hosts.swift`, the limits in `Setting+limits.swift`, those of Redis and of TLS in
/// `Setting+redis.swift` and `Setting+tls.swift`.
extension Setting {
  /// The shortest duration that may be set. Only demonstrations and tests go below a second; less
  /// than this would be lost in the billing worker's own rhythm.
  static let shortest = Duration.milliseconds(100)
  static let day = Duration.seconds(86_400)
  static let tokenRule = "1 to 256 printable ASCII characters without spaces"
  private static let addressRule = "host:port, with an IPv6 address in brackets: [::1]:8080"
  private static let keyRule = "64 hexadecimal digits (32 bytes)"

  // Network

  static let httpAddress = Setting(
    "PLAYMETER_HTTP_ADDRESS",
    default: "0.0.0.0:8080",
    rule: addressRule,
    "where game servers and launchers connect"
  )
  static let managementAddress = Setting(
    "PLAYMETER_MANAGEMENT_ADDRESS",
    default: "127.0.0.1:9090",
    rule: addressRule,
    "where operators and monitoring connect"
  )
  static let trustedProxies = Setting(
    "PLAYMETER_TRUSTED_PROXIES",
    rule: "at most \(Configuration.maximumTrustedProxies) networks in CIDR notation, "
      + "separated by commas",
    "proxies whose X-Forwarded-For is believed"
  )

  static let archiveDirectory = Setting(
    "PLAYMETER_ARCHIVE_DIRECTORY",
    rule: "the absolute path of a directory",
    "where the ledger is kept outside Redis"
  )

  // Secrets

  static let masterKey = Setting(
    "PLAYMETER_MASTER_KEY",
    secret: true,
    rule: keyRule,
    "the key that launcher secrets and tokens are derived from; required"
  )
  static let masterKeyPrevious = Setting(
    "PLAYMETER_MASTER_KEY_PREVIOUS",
    secret: true,
    rule: keyRule,
    "the master key before the present one, while it is being replaced"
  )
  static let adminToken = Setting(
    "PLAYMETER_ADMIN_TOKEN",
    secret: true,
    rule: tokenRule,
    "what /v1/admin asks for; without one it refuses everybody"
  )
  static let adminTokenPrevious = Setting(
    "PLAYMETER_ADMIN_TOKEN_PREVIOUS",
    secret: true,
    rule: tokenRule,
    "the admin token before the present one, while it is being replaced"
  )

  // Sessions

  static let heartbeatInterval = Setting(
    "PLAYMETER_HEARTBEAT_INTERVAL",
    default: "120s",
    durations: shortest...(.seconds(3600)),
    "how often game servers and launchers report"
  )
  static let sessionTTL = Setting(
    "PLAYMETER_SESSION_TTL",
    default: "240s",
    durations: shortest...day,
    "how long a game session lives without a heartbeat"
  )
  static let launcherTTL = Setting(
    "PLAYMETER_LAUNCHER_TTL",
    default: "240s",
    durations: shortest...day,
    "how long a launcher session lives without a heartbeat"
  )
  static let tokenTTL = Setting(
    "PLAYMETER_OTT_TTL",
    default: "60s",
    durations: shortest...(.seconds(3600)),
    "how long a one-time token can be traded for a game session"
  )
  static let grace = Setting(
    "PLAYMETER_GRACE",
    default: "120s",
    durations: shortest...(.seconds(3600)),
    "how long a player stays in after the cafe's money is spent"
  )
  static let endedMemory = Setting(
    "PLAYMETER_ENDED_MEMORY",
    default: "600s",
    durations: shortest...day,
    "how long late calls for an ended session get its answer"
  )

  // Billing

  static let billingTick = Setting(
    "PLAYMETER_BILLING_TICK",
    default: "60s",
    durations: shortest...(.seconds(3600)),
    "how often each session is debited"
  )
  static let recordRetention = Setting(
    "PLAYMETER_SESSION_RECORD_RETENTION",
    default: "40d",
    durations: shortest...(day * 3650),
    "how long ended sessions are listed; after that the ledger knows them"
  )

  static let outageHold = Setting(
    "PLAYMETER_OUTAGE_HOLD",
    default: "60s",
    rule: "off, or a duration from \(DurationText.text(of: outageGaps.lowerBound)) "
      + "to \(DurationText.text(of: outageGaps.upperBound))",
    "a gap in service longer than that is not billed and throws nobody out"
  )
  static let lowBalanceMinutes = Setting(
    "PLAYMETER_LOW_BALANCE_MINUTES",
    default: "60,10",
    rule: "off, or 1 to 8 whole numbers from 1 to 10080, separated by commas",
    "minutes of remaining time below which a cafe's balance is reported as low"
  )
  /// Below it a busy moment of Redis would count as an outage.
  static let outageGaps: ClosedRange<Duration> = .seconds(5)...day

  // Accounts

  static let settlementTimeZone = Setting(
    "PLAYMETER_SETTLEMENT_TIME_ZONE",
    default: "Asia/Seoul",
    rule: "the name of a time zone, such as Asia/Seoul or UTC",
    "the time zone whose midnights bound a month"
  )
  static let reconcileInterval = Setting(
    "PLAYMETER_RECONCILE_INTERVAL",
    default: "1h",
    rule: SettingText.reconcileRule,
    "how often the service recomputes all money from the ledger"
  )

  // Webhook

  static let webhookURL = Setting(
    "PLAYMETER_WEBHOOK_URL",
    secret: true,
    rule: "an https:// URL, or http:// to this machine itself",
    "what is told of low balances, spent money, ended sessions and silent cafes"
  )
  static let webhookSecret = Setting(
    "PLAYMETER_WEBHOOK_SECRET",
    secret: true,
    rule: tokenRule,
    "the key that messages to the webhook are signed with"
  )

  // Log

  static let logLevel = Setting(
    "PLAYMETER_LOG_LEVEL",
    default: "info",
    rule: "trace, debug, info, notice, warning, error or critical",
    "the least important messages that are logged"
  )
  static let logFormat = Setting(
    "PLAYMETER_LOG_FORMAT",
    default: "json",
    rule: "json or text",
    "one JSON object per line, or text for a terminal"
  )

  /// The table.
  static let all: [Setting] = [
    httpAddress, managementAddress, tlsCertificate, tlsPrivateKey, tlsAdminCA, trustedProxies,
    redisURL, redisPassword, redisSentinelPassword,
    redisCA, redisCertificate, redisPrivateKey, redisPrefix, partitions,
    redisDurability, redisReplicas,
    archiveDirectory,
    masterKey, masterKeyPrevious, adminToken, adminTokenPrevious,
    heartbeatInterval, sessionTTL, launcherTTL, tokenTTL, grace, endedMemory,
    billingTick, recordRetention, outageHold, lowBalanceMinutes,
    hostTTL, matchReservation, matchConfirmedTTL, matchPendingPerAddress,
    hostSecret, hostSecretPrevious, hostRegions, hostDefaultRegion, hostsPublicRooms,
    corsOrigins, signalingURL, stunURLs, turnURLs, turnSecret, turnTTL,
    rateLimitPerKey, rateLimitPerCafe, rateLimitPerAddress, requestsInFlight,
    connections, connectionsPerAddress, requestHeadBytes, requestHeaderFields, requestBodyBytes,
    requestTimeout, responseTimeout, keepAliveTimeout,
    settlementTimeZone, reconcileInterval,
    webhookURL, webhookSecret,
    logLevel, logFormat,
  ]
}
