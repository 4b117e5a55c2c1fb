import HTTPAPI

extension RequestLimits {
  /// What callers may ask of the public API.
  init(_ reader: inout SettingsReader) {
    self.init()
    perKey = reader.value(.rateLimitPerKey, SettingText.rateLimit)
    perCafe = reader.value(.rateLimitPerCafe, SettingText.rateLimit)
    perAddress = reader.value(.rateLimitPerAddress, SettingText.rateLimit)
    inFlight = reader.value(.requestsInFlight) {
      SettingText.integer($0, in: RequestLimits.inFlightCounts)
    }
  }
}

extension ConnectionLimits {
  /// The bounds of a listener's connections.
  init(_ reader: inout SettingsReader) {
    self.init()
    connections = reader.value(.connections) { SettingText.integer($0, in: Self.counts) }
    connectionsPerAddress = reader.value(.connectionsPerAddress, SettingText.connectionCount)
    headBytes = reader.value(.requestHeadBytes) { SettingText.integer($0, in: Self.headSizes) }
    headerFields = reader.value(.requestHeaderFields) {
      SettingText.integer($0, in: Self.fieldCounts)
    }
    bodyBytes = reader.value(.requestBodyBytes) { SettingText.integer($0, in: Self.bodySizes) }
    requestTimeout = reader.duration(.requestTimeout)
    responseTimeout = reader.duration(.responseTimeout)
    keepAliveTimeout = reader.duration(.keepAliveTimeout)
  }

  /// Files that are no clients' connections: to Redis, the archive, the log, and accepted ones that
  /// are just being closed.
  private static let otherFiles = 200

  /// The same, with no more connections than a process that may open so many files can have.
  func within(_ openFileLimit: Int) -> ConnectionLimits {
    var limits = self
    limits.connections = min(connections, max(1, openFileLimit - Self.otherFiles))
    return limits
  }
}
