import Domain
import HTTPTypes
import JSON

/// What a scrape of `/metrics` gets.
public struct MetricsExposition: Sendable {
  let contentType: String
  let text: @Sendable () -> String

  /// An exposition.
  ///
  /// - Parameter text: Called at each scrape; must neither wait nor take long.
  public init(contentType: String, text: @escaping @Sendable () -> String) {
    self.contentType = contentType
    self.text = text
  }
}

/// `/healthz` and `/readyz`, the same on both listeners, and `/metrics` where there are any.
struct HealthRoutes: Sendable {
  let readiness: any Readiness
  var metrics: MetricsExposition?

  var endpoints: [Endpoint] {
    let probes = [
      Endpoint(.get, "/healthz", isProbe: true) { _ in Reply(.ok, ["status": "ok"]) },
      Endpoint(.get, "/readyz", isProbe: true) { _ in await ready() },
    ]
    guard let metrics else { return probes }
    return probes + [
      Endpoint(.get, "/metrics") { _ in Reply(text: metrics.text(), type: metrics.contentType) }
    ]
  }

  private func ready() async -> Reply {
    let faults = await readiness.faults()
    guard !faults.isEmpty else { return Reply(.ok, ["status": "ready"]) }
    let texts = JSONValue.array(faults.map(JSONValue.string))
    let document: JSONValue = ["status": "not ready", "faults": texts]
    return Reply(.serviceUnavailable, document, fields: ErrorMap.retryAfter)
  }
}
