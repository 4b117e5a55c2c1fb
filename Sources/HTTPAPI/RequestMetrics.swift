public import CoreMetrics
import HTTPTypes
import NIOCore
import Synchronization
import TLS

/// What a listener counts: its connections and its requests.
///
/// The handles of a route are looked up once, when the listener takes it, and those of a status
/// when it is first answered there. So a request costs a few atomic additions, and no request can
/// make a series of its own: labels are the patterns of our routes and the statuses that we answer.
public struct RequestMetrics: Sendable {
  /// Nobody counts.
  public static let none = RequestMetrics(listener: "", factory: NOOPMetricsHandler.instance)

  /// Connections that are open.
  let connections: Meter
  /// Requests whose head is here and whose response is not made yet.
  let inFlight: Meter
  /// Requests that no endpoint takes: unknown paths, and known ones with another method.
  let unmatched: RouteMetrics
  /// Browsers that ask what they may send.
  let preflight: RouteMetrics
  /// What each limit refused, in their order.
  private let limited: [Counter]
  /// Handshakes of a listener with TLS, by how they ended.
  private let handshakes: [ServerTLS.Outcome: Counter]
  private let listener: String
  private let factory: any MetricsFactory

  /// The metrics of a listener.
  ///
  /// - Parameters:
  ///   - listener: The value of the label `listener`.
  ///   - factory: Makes the handles. It is asked again when a route first answers a status.
  public init(listener: String, factory: any MetricsFactory) {
    self.listener = listener
    self.factory = factory
    let labels = [("listener", listener)]
    connections = Meter(label: "playmeter_http_connections", dimensions: labels, factory: factory)
    inFlight = Meter(
      label: "playmeter_http_requests_in_flight",
      dimensions: labels,
      factory: factory
    )
    limited = Limit.allCases.map { limit in
      Counter(
        label: "playmeter_http_limited_total",
        dimensions: labels + [("limit", limit.rawValue)],
        factory: factory
      )
    }
    handshakes = Dictionary(
      uniqueKeysWithValues: ServerTLS.Outcome.allCases.map { outcome in
        let labels = labels + [("outcome", outcome.rawValue)]
        let label = "playmeter_tls_handshakes_total"
        return (outcome, Counter(label: label, dimensions: labels, factory: factory))
      }
    )
    unmatched = RouteMetrics(listener, "unmatched", "any", factory)
    preflight = RouteMetrics(listener, "preflight", "OPTIONS", factory)
  }

  /// A limit has refused a request or ended a connection.
  func limited(by limit: Limit) {
    limited[limit.index].increment()
  }

  /// A handshake has ended.
  @Sendable func count(handshake outcome: ServerTLS.Outcome) { handshakes[outcome]?.increment() }

  /// The endpoints with their handles.
  func measuring(_ endpoints: [Endpoint]) -> [Endpoint] {
    endpoints.map { endpoint in
      let route = RouteMetrics(listener, endpoint.path, endpoint.method.rawValue, factory)
      return endpoint.measured(by: route)
    }
  }
}

/// The handles of one route and method. A `HEAD` counts as the `GET` that it is answered like.
final class RouteMetrics: Sendable {
  /// A status and its counter, once there is one.
  private final class Answers: Sendable {
    let status: Int
    let counter = AtomicLazyReference<Counter>()

    init(_ status: Int) {
      self.status = status
    }
  }

  /// Every status that we answer. It is short, so it is searched faster than it would be hashed.
  private static let statuses = Set(ErrorCode.allCases.map(\.status.code) + [200, 204]).sorted()

  private let labels: [(String, String)]
  private let factory: any MetricsFactory
  private let duration: Timer
  private let answers = RouteMetrics.statuses.map(Answers.init)
  /// Statuses that we do not know that we answer.
  private let others = Answers(0)

  init(_ listener: String, _ route: String, _ method: String, _ factory: any MetricsFactory) {
    labels = [("listener", listener), ("route", route), ("method", method)]
    self.factory = factory
    duration = Timer(
      label: "playmeter_http_request_duration_seconds",
      dimensions: labels,
      factory: factory
    )
  }

  /// Counts an answer.
  func record(_ status: HTTPResponse.Status, _ duration: TimeAmount) {
    let answers = answers.first { $0.status == status.code } ?? others
    counter(answers).increment()
    self.duration.recordNanoseconds(duration.nanoseconds)
  }

  private func counter(_ answers: Answers) -> Counter {
    if let counter = answers.counter.load() { return counter }
    let status = answers.status == 0 ? "other" : String(answers.status)
    let counter = Counter(
      label: "playmeter_http_requests_total",
      dimensions: labels + [("status", status)],
      factory: factory
    )
    return answers.counter.storeIfNil(counter)
  }
}
