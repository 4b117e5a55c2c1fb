import CoreMetrics
import NIOCore
import ServiceLifecycle

/// Measures by how much the event loops run late: each has a task a second, and what else it was
/// doing at that moment makes it late.
struct EventLoopProbe: Service {
  private static let interval = TimeAmount.seconds(1)

  private let lag: Timer
  private let loops: [any EventLoop]

  init(_ factory: any MetricsFactory, _ loops: any EventLoopGroup) {
    lag = Timer(label: "playmeter_event_loop_lag_seconds", factory: factory)
    self.loops = Array(loops.makeIterator())
  }

  /// Measures until graceful shutdown.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for loop in loops { group.addTask { await watch(loop) } }
      }
    }
  }

  private func watch(_ loop: any EventLoop) async {
    while !Task.isCancelled {
      let lag = lag
      let due = NIODeadline.now() + Self.interval
      let task = loop.scheduleTask(deadline: due) {
        lag.recordNanoseconds((NIODeadline.now() - due).nanoseconds)
      }
      await withTaskCancellationHandler {
        _ = try? await task.futureResult.get()  // Fails only when it was cancelled to shut down.
      } onCancel: {
        task.cancel()
      }
    }
  }
}
