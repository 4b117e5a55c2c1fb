import Domain
import Foundation
import RedisClient

extension Configuration {
  /// Reads the settings from an environment and, where it is silent, from a file.
  ///
  /// - Throws: Everything that is wrong, at once. A file that cannot be read is reported alone:
  ///   what is missing then would only mislead.
  static func load(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    file path: String?
  ) throws(ConfigurationError) -> Configuration {
    let file: EnvironmentFile
    do throws(SettingFault) {
      file = if let path { try EnvironmentFile(path: path) } else { EnvironmentFile() }
    } catch {
      throw ConfigurationError(faults: [error])
    }
    let source = SettingsSource(environment: environment, file: file)
    var reader = SettingsReader(source)
    let configuration = Configuration(&reader)
    let faults = file.faults + reader.faults + source.unknownNames
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    return configuration
  }
}

extension SettingsReader {
  /// The way to Redis from its URL and, where that holds none, the password.
  mutating func redis() -> RedisConfiguration {
    var redis = redisURL()
    let password = optional(.redisPassword, SettingText.password)
    demand(
      password == nil || redis.password == nil,
      of: .redisPassword,
      with: .redisURL,
      "must not be set when \(Setting.redisURL.name) holds a password"
    )
    redis.password = password ?? redis.password
    redis.sentinelPassword = optional(.redisSentinelPassword, SettingText.password)
    demand(
      redis.sentinelPassword == nil || SentinelGroup(redis.address) != nil,
      of: .redisSentinelPassword,
      with: .redisURL,
      "is only for a redis+sentinel:// URL"
    )
    return redis
  }

  /// The same way with what encrypts it, if the URL says so.
  mutating func encrypted(_ redis: RedisConfiguration, _ files: RedisFiles) -> RedisConfiguration {
    for setting in files.settings {
      demand(redis.isEncrypted, of: setting, with: .redisURL, "is only for a rediss:// URL")
    }
    guard redis.isEncrypted else { return redis }
    var redis = redis
    do throws(SettingFault) {
      redis.tls = try files.tls()
    } catch {
      note(error, about: .redisURL)
    }
    return redis
  }

  /// A faulty URL gets the reader's own reason, which never quotes the URL.
  private mutating func redisURL() -> RedisConfiguration {
    let text = value(.redisURL) { $0 }
    do throws(RedisURLError) {
      return try RedisConfiguration(url: text)
    } catch {
      note(SettingFault(Setting.redisURL.name, error.description), about: .redisURL)
      return RedisConfiguration(address: .unixSocket(path: ""))
    }
  }
}

extension SentinelGroup {
  /// The Sentinels of an address, if it names any.
  fileprivate init?(_ address: RedisAddress) {
    guard case .sentinel(let group) = address else { return nil }
    self = group
  }
}

extension SettingsReader {
  /// The webhook with its key: one without the other is of no use.
  mutating func webhook() -> WebhookSender.Endpoint? {
    let url = optional(.webhookURL, SettingText.webhookURL)
    let secret = optional(.webhookSecret, SettingText.token)
    demand(
      (url == nil) == (secret == nil),
      of: .webhookSecret,
      with: .webhookURL,
      "must be set together with \(Setting.webhookURL.name)"
    )
    guard let url, let secret else { return nil }
    return WebhookSender.Endpoint(url: url, secret: Array(secret.utf8))
  }
}

extension Timings {
  /// The durations that rule sessions and hosts, checked against each other.
  init(_ reader: inout SettingsReader) {
    self.init()
    heartbeatInterval = reader.duration(.heartbeatInterval)
    sessionTTL = reader.duration(.sessionTTL)
    launcherTTL = reader.duration(.launcherTTL)
    tokenTTL = reader.duration(.tokenTTL)
    grace = reader.duration(.grace)
    endedMemory = reader.duration(.endedMemory)
    billingTick = reader.duration(.billingTick)
    recordRetention = reader.duration(.recordRetention)
    outageHold = reader.value(.outageHold, SettingText.outageHold)
    lowBalanceMinutes = reader.value(.lowBalanceMinutes, SettingText.lowBalanceMinutes)
    hostTTL = reader.duration(.hostTTL)
    matchReservation = reader.duration(.matchReservation)
    matchConfirmedTTL = reader.duration(.matchConfirmedTTL)
    demandThatHeartbeatsKeepAlive(&reader)
    demandThatMemoryLasts(&reader)
  }

  /// A session that lives no longer than the pause between two heartbeats would always time out.
  private func demandThatHeartbeatsKeepAlive(_ reader: inout SettingsReader) {
    let interval = Setting.heartbeatInterval
    let rule = "must be longer than \(interval.name) (\(DurationText.text(of: heartbeatInterval)))"
    reader.demand(sessionTTL > heartbeatInterval, of: .sessionTTL, with: interval, rule)
    reader.demand(launcherTTL > heartbeatInterval, of: .launcherTTL, with: interval, rule)
  }

  /// What is forgotten too early would be answered wrongly: a used token would look as if it had
  /// never been issued, an ended session could not be shown while late calls still know it.
  private func demandThatMemoryLasts(_ reader: inout SettingsReader) {
    reader.demand(
      billingTick <= sessionTTL,
      of: .billingTick,
      with: .sessionTTL,
      "must not be longer than \(Setting.sessionTTL.name) (\(DurationText.text(of: sessionTTL)))"
    )
    let rule = "must not be shorter than"
    reader.demand(
      endedMemory >= tokenTTL,
      of: .endedMemory,
      with: .tokenTTL,
      "\(rule) \(Setting.tokenTTL.name) (\(DurationText.text(of: tokenTTL)))"
    )
    reader.demand(
      recordRetention >= endedMemory,
      of: .recordRetention,
      with: .endedMemory,
      "\(rule) \(Setting.endedMemory.name) (\(DurationText.text(of: endedMemory)))"
    )
  }
}
