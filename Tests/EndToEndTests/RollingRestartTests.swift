import Support
import Synchronization
import Testing

/// Instances behind a load balancer, restarted as an operator upgrades them.
@Suite(.timeLimit(.minutes(15)))
struct RollingRestartTests {
  /// Callers at once, each with the next request as soon as the last one is answered.
  private static let callers = 4

  /// What the callers have met.
  private final class Load: Sendable {
    private let state = Mutex((answered: 0, failures: [String](), isOver: false))

    var answered: Int { state.withLock(\.answered) }
    var failures: [String] { state.withLock(\.failures) }
    var isOver: Bool { state.withLock(\.isOver) }

    func note(_ failure: String?) {
      state.withLock { state in
        state.answered += 1
        if let failure { state.failures.append(failure) }
      }
    }

    func end() { state.withLock { $0.isOver = true } }
  }

  @Test(
    "Two instances behind haproxy are restarted in turn under load, and no request fails",
    arguments: [true, false]
  )
  func rolling(areTakenOut: Bool) async throws {
    try await Installation.open { stage in
      let play = try await stage.cafe().play()
      let ports = [try Ports.freeTCP(), try Ports.freeTCP()]
      var instances: [ServiceProcess] = []
      for port in ports { instances.append(try await start(stage, port)) }
      let balancer = try await LoadBalancer.start(servers: ports)
      let load = Load()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<Self.callers {
          group.addTask {
            let http = HTTPSession(port: balancer.port)
            while !load.isOver, !Task.isCancelled { load.note(await Self.beat(play, http)) }
          }
        }
        for index in [0, 1, 0, 1] {
          try await waitForMore(100, load)
          if areTakenOut { try await balancer.takeOut(index) }
          #expect(try await instances[index].terminate() == 0)
          try await waitForMore(100, load)
          instances[index] = try await start(stage, ports[index])
          if areTakenOut { try await balancer.putIn(index) }
          try await balancer.waitUntilUp(index)
        }
        load.end()
        try await group.waitForAll()
      }
      #expect(load.failures == [])
      for instance in instances { #expect(try await instance.terminate() == 0) }
    }
  }

  private func start(_ stage: Installation, _ port: Int) async throws -> ServiceProcess {
    let address = ["PLAYMETER_HTTP_ADDRESS": "127.0.0.1:\(port)"]
    return try await ServiceProcess.start(
      environment: stage.environment.merging(address) { _, own in own }
    )
  }

  /// Waits until so many more requests were answered.
  private func waitForMore(_ count: Int, _ load: Load) async throws {
    let wanted = load.answered + count
    try await Waiting.until("\(count) more answers", within: .seconds(30)) {
      load.answered >= wanted
    }
  }

  /// A heartbeat; what is wrong with its answer, or nil.
  private static func beat(_ play: Play, _ http: HTTPSession) async -> String? {
    do {
      let answer = try await http.send(
        "PATCH",
        Installation.heartbeatPath,
        headers: ["X-Api-Key": play.game.key],
        json: play.heartbeatBody
      )
      return answer.status == 200 ? nil : "\(answer.status): \(answer.text)"
    } catch {
      return "\(error)"
    }
  }
}
