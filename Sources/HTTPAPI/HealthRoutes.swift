import Domain
import HTTPTypes
import JSON

/// `/healthz` and `/readyz`, the same on both listeners.
struct HealthRoutes: Sendable {
  let readiness: any Readiness

  var endpoints: [Endpoint] {
    [
      Endpoint(.get, "/healthz") { _ in Reply(.ok, ["status": "ok"]) },
      Endpoint(.get, "/readyz") { _ in await ready() },
    ]
  }

  private func ready() async -> Reply {
    let faults = await readiness.faults()
    guard !faults.isEmpty else { return Reply(.ok, ["status": "ready"]) }
    let texts = JSONValue.array(faults.map(JSONValue.string))
    return Reply(.serviceUnavailable, ["status": "not ready", "faults": texts])
  }
}
