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
        await self.sample(sessions, &hosts)
        try? await Task.sleep(for: Self.interval)  // Ends early only to shut down.
      }
    }
  }

  private func sample(_ sessions: SessionMetrics, _ hosts: inout HostMetrics) async {
    ready.record(await readiness.faults().isEmpty ? 1 : 0)
    lastSequence.record(watermark.lineCount)
    do throws(ServiceFault) {
      let count = try await census.take()
      sessions.record(count)
      hosts.record(count)
    } catch {
      sessions.forget()
      hosts.forget()
      logger.debug("nothing counted", metadata: ["fault": "\(error)"])
    }
  }
}
