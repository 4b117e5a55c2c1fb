import AsyncHTTPClient
import CoreMetrics
import Domain
import HTTPAPI
import Logging
import NIOCore
import NIOHTTP1
import RedisStore
import ServiceLifecycle
import Signatures

/// Tells a webhook what a cafe's owner wants to know: money that runs low, sessions that end.
///
/// Each notice is told at least once, in the order of its partition, by one instance at a time. An
/// endpoint that does not answer with a 2xx status is tried again with growing pauses; meanwhile
/// notices wait in Redis.
final class WebhookSender: Service {
  /// Where to, and the key of the signatures.
  struct Endpoint: Sendable {
    let url: String
    let secret: [UInt8]
  }

  /// Between two looks for notices.
  private static let interval: Duration = .seconds(1)
  /// How long an endpoint may take to answer.
  private static let answerLimit = TimeAmount.seconds(5)
  /// The longest pause after failures; the first is one second, and each doubles it.
  private static let longestPause = 300
  /// Longer than a try takes, so that nobody else begins meanwhile.
  private static let lease: Duration = .seconds(15)

  private let notices: RedisNotices
  private let endpoint: Endpoint
  private let metrics: WebhookMetrics
  private let logger: Logger
  private let holder = Hex.encode(RandomBytes.generate(count: 8))

  init(notices: RedisNotices, endpoint: Endpoint, metrics: WebhookMetrics, logger: Logger) {
    self.notices = notices
    self.endpoint = endpoint
    self.metrics = metrics
    self.logger = logger
  }

  /// Tells notices until graceful shutdown; a try that is under way is finished.
  func run() async throws {
    let timeout = HTTPClient.Configuration.Timeout(
      connect: Self.answerLimit,
      read: Self.answerLimit
    )
    try await HTTPClient.withHTTPClient(
      configuration: .init(redirectConfiguration: .disallow, timeout: timeout)
    ) { client in
      var failures = 0
      while !Task.isShuttingDownGracefully, !Task.isCancelled {
        let isSound = await round(client)
        report(isSound, after: failures)
        failures = isSound ? 0 : failures + 1
        let pause = Self.pause(after: failures)
        await cancelWhenGracefulShutdown {
          try? await Task.sleep(for: pause)  // Ends early only to shut down.
        }
      }
    }
  }

  /// One second at first, then twice as long after each failure, up to five minutes.
  static func pause(after failures: Int) -> Duration {
    guard failures > 0 else { return interval }
    return .seconds(min(longestPause, 1 << min(failures - 1, 16)))
  }

  /// Tells what waits; false when the endpoint or Redis failed.
  private func round(_ client: HTTPClient) async -> Bool {
    do {
      while try await notices.lease(holder: holder, duration: Self.lease) {
        let lines = try await notices.oldest()
        if lines.isEmpty { return true }
        for line in lines {
          // The outage of the whole service is the operator's to know, not a cafe's.
          if line.text("cafe_id") != nil { try await tell(line, client) }
          try await notices.forget(line)
          if Task.isShuttingDownGracefully { return true }
          _ = try await notices.lease(holder: holder, duration: Self.lease)
        }
      }
      return true
    } catch {
      metrics.failed.increment()
      logger.debug("webhook not told", metadata: ["fault": "\(error)"])
      return false
    }
  }

  private func tell(_ line: LedgerLine, _ client: HTTPClient) async throws {
    let message = WebhookMessage(line)
    var request = HTTPClientRequest(url: endpoint.url)
    request.method = .POST
    request.headers.add(
      contentsOf: message.headers(secret: endpoint.secret, time: WallClock.seconds())
    )
    request.body = .bytes(message.body)
    let response = try await client.execute(request, timeout: Self.answerLimit)
    guard (200..<300).contains(response.status.code) else {
      throw WebhookError.refused(status: Int(response.status.code))
    }
    metrics.told.increment()
  }

  private func report(_ isSound: Bool, after failures: Int) {
    if !isSound, failures == 0 {
      logger.warning("the webhook does not answer; notices wait")
    } else if isSound, failures > 0 {
      logger.notice("the webhook answers again")
    }
  }
}

/// Why a notice was not told.
enum WebhookError: Error {
  /// The endpoint answered with another status than 2xx.
  case refused(status: Int)
}
