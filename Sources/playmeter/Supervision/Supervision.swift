import NIOCore
import NIOPosix
import ServiceLifecycle

/// Tells systemd when the service listens, how it is, and that it turns.
///
/// "Ready" means for systemd that connections are accepted: a service whose Redis is away is well
/// and waits, which `/readyz` and the status line say. The watchdog is fed only while everything
/// that must turn has done so: each event loop, the billing worker, and the pool of threads that
/// this task is on. When one of them is stuck, the wait here is too, and systemd starts the service
/// anew.
struct Supervision: Service {
  /// Between two status lines.
  private static let interval = Duration.seconds(5)
  /// How long the billing worker may need for a batch, Redis' deadlines included.
  private static let patience = Duration.seconds(10)

  let notifier: SystemdNotifier
  let readiness: ServiceReadiness
  let worker: BillingWorker
  /// Ends when every listener accepts connections.
  let listening: AsyncStream<Never>

  func run() async throws {
    await withGracefulShutdownHandler {
      await cancelWhenGracefulShutdown { await watch() }
    } onGracefulShutdown: {
      notifier.send("STOPPING=1", "STATUS=finishing what is under way")
    }
  }

  private func watch() async {
    for await _ in listening {}
    var isKnown = false
    while !Task.isCancelled {
      if !isKnown { isKnown = notifier.send("READY=1") }
      if notifier.watchdog != nil, await isTurning() { notifier.send("WATCHDOG=1") }
      let faults = await readiness.faults()
      guard !Task.isCancelled else { return }
      notifier.send("STATUS=" + Self.status(faults))
      // Ends early only to shut down.
      try? await Task.sleep(for: min(Self.interval, (notifier.watchdog ?? .seconds(60)) / 3))
    }
  }

  private func isTurning() async -> Bool {
    for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
      guard (try? await loop.submit {}.get()) != nil else { return false }
    }
    return worker.status.turnedAt.map { .now - $0 < Self.patience } ?? true
  }

  private static func status(_ faults: [String]) -> String {
    faults.isEmpty ? "serving" : "not ready: " + faults.joined(separator: "; ")
  }
}
