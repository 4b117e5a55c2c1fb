import Domain

/// The settings of the host API: gaming PCs that offer themselves, and clients that look for one.
extension Setting {
  private static let switchRule = "true or false"

  static let hostTTL = Setting(
    "PLAYMETER_HOST_TTL",
    default: "30s",
    durations: shortest...(.seconds(3600)),
    "how long a host lives without a heartbeat"
  )
  static let matchReservation = Setting(
    "PLAYMETER_MATCH_RESERVATION",
    default: "60s",
    durations: shortest...(.seconds(3600)),
    "how long a reserved slot waits to be confirmed"
  )
  static let matchConfirmedTTL = Setting(
    "PLAYMETER_MATCH_CONFIRMED_TTL",
    default: "4h",
    durations: shortest...(day * 7),
    "how long a confirmed reservation lasts when nothing else ends it"
  )
  static let matchPendingPerAddress = Setting(
    "PLAYMETER_MATCH_PENDING_PER_ADDRESS",
    default: "3",
    rule: "off, or a whole number from \(SettingText.pendingCounts.lowerBound) to "
      + "\(SettingText.pendingCounts.upperBound)",
    "reservations that one address may hold unconfirmed"
  )
  static let hostSecret = Setting(
    "PLAYMETER_HOST_SECRET",
    secret: true,
    rule: tokenRule,
    "what hosts show; without one the host API refuses them"
  )
  static let hostSecretPrevious = Setting(
    "PLAYMETER_HOST_SECRET_PREVIOUS",
    secret: true,
    rule: tokenRule,
    "the host secret before the present one, while it is being replaced"
  )
  static let hostRegions = Setting(
    "PLAYMETER_HOST_REGIONS",
    default: "us-east-1,us-west-1,eu-central,local",
    rule: "1 to \(SettingText.maximumRegions) different regions, separated by commas, each "
      + NameRule.slug,
    "the regions that hosts can be in"
  )
  static let hostDefaultRegion = Setting(
    "PLAYMETER_HOST_DEFAULT_REGION",
    default: "local",
    rule: NameRule.slug,
    "where a host is that does not say; one of the regions"
  )
  static let hostsPublicRooms = Setting(
    "PLAYMETER_HOSTS_PUBLIC_ROOMS",
    default: "false",
    rule: switchRule,
    "whether everybody may see in which room a host waits"
  )
  static let corsOrigins = Setting(
    "PLAYMETER_CORS_ORIGINS",
    default: "*",
    rule: "* or at most \(SettingText.maximumOrigins) origins such as https://play.example, "
      + "separated by commas",
    "the web pages that may call the host API"
  )
  static let signalingURL = Setting(
    "PLAYMETER_SIGNALING_URL",
    rule: "a ws:// or wss:// URL without a query",
    "where clients meet their host; required with a host secret"
  )
  static let stunURLs = Setting(
    "PLAYMETER_STUN_URLS",
    rule: "at most \(SettingText.maximumServers) stun: or stuns: URLs, separated by commas",
    "the STUN servers that clients are told"
  )
  static let turnURLs = Setting(
    "PLAYMETER_TURN_URLS",
    rule: "at most \(SettingText.maximumServers) turn: or turns: URLs, separated by commas",
    "the TURN servers that clients are told"
  )
  static let turnSecret = Setting(
    "PLAYMETER_TURN_SECRET",
    secret: true,
    rule: tokenRule,
    "the static-auth-secret of the TURN servers; required with them"
  )
  static let turnTTL = Setting(
    "PLAYMETER_TURN_TTL",
    default: "1h",
    durations: .seconds(1)...(day * 7),
    "how long TURN credentials hold"
  )
}
