import CoreMetrics
import Domain
import Logging
import RedisStore
import ServiceLifecycle

/// Counts every 15 s what lives in Redis, so that no scrape has to.
///
/// Every instance does; it costs Redis a few commands for each partition and one for each cafe.
/// When Redis is away, its gauges are not known and are absent from the text.
final class CensusSampler: Service {
  /// Prometheus' usual scrape interval: a more frequent count would be seen by nobody.
  private static let interval: Duration = .seconds(15)
  /// The same while the service is not ready or nothing can be counted, so that its recovery is
  /// seen at the next scrape.
  private static let shortInterval: Duration = .seconds(1)

  private let census: RedisCensus
  private let watermark: LedgerWatermark
  private let readiness: ServiceReadiness
  private let logger: Logger
  private let ready: Gauge
  private let lastSequence: Gauge
  private let factory: any MetricsFactory

  init(
    _ link: RedisLink,
    _ readiness: ServiceReadiness,
    _ factory: any MetricsFactory,
    _ logger: Logger
  ) {
    census = RedisCensus(link: link)
    watermark = link.watermark
    self.readiness = readiness
    self.logger = logger
    self.factory = factory
    ready = Gauge(label: "playmeter_ready", factory: factory)
    lastSequence = Gauge(label: "playmeter_ledger_last_seq", factory: factory)
  }

  /// Counts until graceful shutdown.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      let sessions = SessionMetrics(self.factory)
      var hosts = HostMetrics(self.factory)
      while !Task.isCancelled {
        let isWell = await self.sample(sessions, &hosts)
        // Ends early only to shut down.
        try? await Task.sleep(for: isWell ? Self.interval : Self.shortInterval)
      }
    }
  }

  /// Samples once, and tells whether the service is ready and everything could be counted.
  private func sample(_ sessions: SessionMetrics, _ hosts: inout HostMetrics) async -> Bool {
    let isReady = await readiness.faults().isEmpty
    ready.record(isReady ? 1 : 0)
    lastSequence.record(watermark.lineCount)
    do throws(ServiceFault) {
      let count = try await census.take()
      sessions.record(count)
      hosts.record(count)
      return isReady
    } catch {
      sessions.forget()
      hosts.forget()
      logger.debug("nothing counted", metadata: ["fault": "\(error)"])
      return false
    }
  }
}
