import CoreMetrics
import HTTPAPI
import Logging
import NIOCore
import PrometheusText
import RedisClient
import RedisStore
import ServiceLifecycle

/// The metrics of the running service: one registry, and what each part of the service counts in.
struct ServiceMetrics: Sendable {
  let registry = PrometheusRegistry(declaring: MetricCatalog.all)
  let billing: BillingMetrics
  let reconcile: ReconcileMetrics
  let webhook: WebhookMetrics

  init() {
    billing = BillingMetrics(registry)
    reconcile = ReconcileMetrics(registry)
    webhook = WebhookMetrics(registry)
    Gauge(
      label: "playmeter_build_info",
      dimensions: [("version", Playmeter.version)],
      factory: registry
    )
    .record(1)
  }

  /// The metrics of certificates.
  var tls: TLSMetrics { TLSMetrics(registry) }

  /// What `/metrics` answers.
  var exposition: MetricsExposition {
    MetricsExposition(contentType: PrometheusRegistry.contentType) { [registry] in registry.text }
  }

  /// The metrics of a listener.
  func requests(of listener: String) -> RequestMetrics {
    RequestMetrics(listener: listener, factory: registry)
  }

  /// The metrics of a Redis client.
  func redis(_ client: String, _ scripts: Scripts) -> RedisMetrics {
    RedisMetrics(client: client, scripts: scripts.names, factory: registry)
  }

  /// The metrics of lines that are archived. Made only where there is an archive, so that without
  /// one they are absent rather than 0.
  func ledger() -> LedgerMetrics { LedgerMetrics(registry) }

  /// What measures by itself. Nothing is sampled during a scrape.
  func samplers(
    of link: RedisLink,
    readiness: ServiceReadiness,
    on loops: any EventLoopGroup,
    logger: Logger
  ) -> [any Service] {
    [
      ProcessSampler(registry),
      EventLoopProbe(registry, loops),
      CensusSampler(link, readiness, registry, logger),
    ]
  }
}

/// What the webhook's sender counts.
struct WebhookMetrics: Sendable {
  /// Notices that the endpoint took.
  let told: Counter
  /// Tries that failed, whatever was in the way.
  let failed: Counter

  init(_ factory: any MetricsFactory) {
    let name = "playmeter_webhook_notices_total"
    told = Counter(label: name, dimensions: [("outcome", "told")], factory: factory)
    failed = Counter(label: name, dimensions: [("outcome", "failed")], factory: factory)
  }
}
