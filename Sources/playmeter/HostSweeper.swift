import Domain
import Logging
import RedisStore
import ServiceLifecycle

/// Removes what dead hosts left in Redis, and lets reservations lapse when nobody asks for a host.
///
/// Every instance runs one; several at once are harmless, because each removal is one step of
/// Redis. No request needs it: matching looks at the hosts' own keys.
struct HostSweeper: Service {
  /// Between two looks; also how late the record of an expired host may be.
  private static let interval: Duration = .seconds(1)

  let hosts: RedisHosts
  let logger: Logger

  /// Sweeps until graceful shutdown.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.sweep()
        try? await Task.sleep(for: Self.interval)  // Ends early only to shut down.
      }
    }
  }

  private func sweep() async {
    do throws(ServiceFault) {
      var isMoreLeft = true
      while isMoreLeft, !Task.isCancelled {
        (_, isMoreLeft) = try await hosts.sweep()
      }
    } catch {
      logger.debug("hosts not swept", metadata: ["fault": "\(error)"])
    }
  }
}
