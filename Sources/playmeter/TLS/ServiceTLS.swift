import CoreMetrics
import Logging
import RedisClient
import TLS

/// All that the service speaks TLS with, read anew at SIGHUP.
struct ServiceTLS: Sendable {
  /// What the public listener speaks; nil for plain HTTP.
  let publicListener: ServerTLS?
  /// What the management listener speaks. Without authorities for operators it stays with plain
  /// HTTP, which is enough on a loopback address.
  let managementListener: ServerTLS?
  private let redis: ClientTLS?
  private let listenerFiles: ListenerFiles?
  private let redisFiles: RedisFiles
  private let metrics: TLSMetrics

  /// Reads the files.
  ///
  /// - Throws: ``ConfigurationError`` that names the setting whose file cannot be used.
  init(_ configuration: Configuration, _ metrics: TLSMetrics) throws(ConfigurationError) {
    listenerFiles = configuration.listenerFiles
    redisFiles = configuration.redisFiles
    redis = configuration.redis.tls
    self.metrics = metrics
    do throws(SettingFault) {
      let listener = try Self.contents(listenerFiles)
      publicListener = try listener.map { contents throws(SettingFault) in
        try Self.server(contents.identity, clients: nil)
      }
      managementListener = try listener.flatMap { contents throws(SettingFault) in
        guard let operators = contents.operators else { return nil }
        return try Self.server(contents.identity, clients: operators)
      }
      metrics.record(listener: listener, redis: redis == nil ? nil : try redisFiles.contents())
    } catch {
      throw ConfigurationError(faults: [error])
    }
  }

  /// Whether there is anything to read anew.
  var isUsed: Bool { publicListener != nil || redis != nil }

  /// Reads the files again, for connections from now on. All are read before any is used.
  ///
  /// - Throws: A fault that names the setting. Then all stays as it was.
  func reload() throws(SettingFault) {
    let listener = try Self.contents(listenerFiles)
    let redisContents = redis == nil ? nil : try redisFiles.contents()
    if let redis, let redisContents {
      do throws(TLSError) {
        try redis.replace(
          authorities: redisContents.authorities,
          identity: redisContents.identity
        )
      } catch {
        throw redisFiles.fault(error)
      }
    }
    if let listener {
      do throws(TLSError) {
        try publicListener?.replace(listener.identity)
        try managementListener?.replace(listener.identity, clients: listener.operators)
      } catch {
        throw SettingFault(Setting.tlsCertificate.name, "\(error)")
      }
    }
    metrics.record(listener: listener, redis: redisContents)
  }

  private static func contents(
    _ files: ListenerFiles?
  ) throws(SettingFault) -> ListenerFiles.Contents? {
    try files.map { files throws(SettingFault) in try files.contents() }
  }

  private static func server(
    _ identity: Identity,
    clients: Authorities?
  ) throws(SettingFault) -> ServerTLS {
    do throws(TLSError) {
      return try ServerTLS(identity, clients: clients)
    } catch {
      throw SettingFault(Setting.tlsCertificate.name, "\(error)")
    }
  }
}

/// When certificates run out.
struct TLSMetrics: Sendable {
  private let factory: any MetricsFactory

  init(_ factory: any MetricsFactory) {
    self.factory = factory
  }

  /// What the files hold; only certificates that there are have a series.
  func record(listener: ListenerFiles.Contents?, redis: RedisFiles.Contents?) {
    record(listener?.identity, "listener")
    record(redis?.identity, "redis")
  }

  private func record(_ identity: Identity?, _ use: String) {
    guard let identity else { return }
    Gauge(
      label: "playmeter_tls_certificate_expiry_timestamp_seconds",
      dimensions: [("use", use)],
      factory: factory
    )
    .record(identity.expiry)
  }
}
