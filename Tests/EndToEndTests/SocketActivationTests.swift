import Foundation
import Support
import Synchronization
import Testing

/// Sockets that systemd opens and passes to the service, by sd_listen_fds(3).
@Suite(.timeLimit(.minutes(15)))
struct SocketActivationTests {
  private static let clients = 4

  /// What the clients have met.
  private final class Load: Sendable {
    private let state = Mutex(
      (answered: 0, longestWait: Duration.zero, failures: [String](), isOver: false)
    )

    var answered: Int { state.withLock(\.answered) }
    var longestWait: Duration { state.withLock(\.longestWait) }
    var failures: [String] { state.withLock(\.failures) }
    var isOver: Bool { state.withLock(\.isOver) }

    func note(_ failure: String?, after wait: Duration) {
      state.withLock { state in
        state.answered += 1
        state.longestWait = max(state.longestWait, wait)
        if let failure { state.failures.append(failure) }
      }
    }

    func end() { state.withLock { $0.isOver = true } }
  }

  @Test("The service restarts on its socket under load: no request fails, none waits for a second")
  func restarts() async throws {
    let socket = try PassedSocket("public")
    try await Installation.open { stage in
      let load = Load()
      var service = try await ServiceProcess.start(
        environment: stage.environment,
        sockets: [socket]
      )
      #expect(service.publicPort == socket.port)
      #expect(service.managementPort != 0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<Self.clients {
          // Half of them come anew for each request.
          group.addTask { await Self.ask(socket.port, keeps: client.isMultiple(of: 2), load) }
        }
        for _ in 1...3 {
          try await Self.waitForMore(200, load)
          #expect(try await service.terminate() == 0)
          service = try await ServiceProcess.start(
            environment: stage.environment,
            sockets: [socket]
          )
        }
        try await Self.waitForMore(200, load)
        load.end()
        try await group.waitForAll()
      }
      #expect(load.failures == [])
      // The start of a debug build is in it, and whatever else this machine does.
      #expect(load.longestWait < .seconds(5))
      #expect(try await service.terminate() == 0)
    }
  }

  /// Sends requests until it is over.
  private static func ask(_ port: Int, keeps: Bool, _ load: Load) async {
    let http = HTTPSession(port: port)
    while !load.isOver, !Task.isCancelled {
      let start = ContinuousClock.now
      var failure: String?
      do {
        let status =
          keeps
          ? try await http.send("GET", "/healthz").status
          : try await RawHTTP.send(Installation.probe, toPort: port).status
        if status != 200 { failure = "\(status)" }
      } catch {
        // It met the end of its connection halfway, after a pause that a busy machine made; nothing
        // was done, and any client asks again (RFC 9112, 9.3.1).
        if keeps, "\(error)" == "HTTPClientError.remoteConnectionClosed" { continue }
        failure = "\(error)"
      }
      load.note(failure, after: .now - start)
    }
  }

  /// Waits until so many more requests were answered.
  private static func waitForMore(_ count: Int, _ load: Load) async throws {
    let wanted = load.answered + count
    try await Waiting.until("\(count) more answers", within: .seconds(30)) {
      load.answered >= wanted
    }
  }

  @Test("Sockets are for whom LISTEN_PID names, and nobody else uses them")
  func othersSockets() async throws {
    let socket = try PassedSocket("public")
    try await Installation.open { stage in
      let environment = stage.environment.merging(["LISTEN_PID": "1"]) { $1 }
      let service = try await ServiceProcess.start(environment: environment, sockets: [socket])
      #expect(service.publicPort != socket.port)
      #expect(try await service.terminate() == 0)
    }
  }

  @Test("Both listeners take their sockets by name, in any order")
  func both() async throws {
    let sockets = [try PassedSocket("management"), try PassedSocket("public")]
    try await Installation.open { stage in
      let service = try await ServiceProcess.start(
        environment: stage.environment,
        sockets: sockets
      )
      #expect(service.managementPort == sockets[0].port)
      #expect(service.publicPort == sockets[1].port)
      #expect(try await service.management.send("GET", "/metrics").status == 200)
      #expect(try await service.terminate() == 0)
    }
  }

  @Test("A socket that is not fit, or that nobody wants, stops the start and is named")
  func unfit() async throws {
    let environment = [
      "PLAYMETER_REDIS_URL": "unix:///nowhere/redis.sock", "PLAYMETER_REDIS_DURABILITY": "relaxed",
      "PLAYMETER_MASTER_KEY": Installation.masterKey, "PLAYMETER_HTTP_ADDRESS": "127.0.0.1:0",
      "PLAYMETER_MANAGEMENT_ADDRESS": "127.0.0.1:0", "PLAYMETER_LOG_FORMAT": "text",
    ]
    let cases: [([PassedSocket], [String])] = [
      (
        [try PassedSocket("public", .datagrams)], ["socket public, file 3: it must be a TCP socket"]
      ),
      ([try PassedSocket("public", .bound)], ["socket public, file 3: it must be a TCP socket"]),
      ([try PassedSocket("web")], ["socket web, file 3: FileDescriptorName= must be public or"]),
      ([try PassedSocket("")], ["socket without a name, file 3: FileDescriptorName= must be"]),
      (
        [try PassedSocket("public"), try PassedSocket("public"), try PassedSocket("web")],
        ["socket public, file 4: a listener takes one socket", "socket web, file 5: "]
      ),
    ]
    for (sockets, words) in cases {
      let result = try await ServiceProcess.runCommand(
        ["serve"],
        environment: environment,
        sockets: sockets
      )
      #expect(result.status == 1)
      for words in words {
        #expect(result.standardError.contains(words), "\(result.standardError)")
      }
    }
  }

  @Test("A count of sockets that is none stops the start; more than were passed does, too")
  func counts() async throws {
    let socket = try PassedSocket("public")
    for (count, words) in [("two", "LISTEN_FDS: "), ("-1", "LISTEN_FDS: "), ("2", "file 4: ")] {
      let environment = [
        "PLAYMETER_REDIS_URL": "unix:///nowhere/redis.sock",
        "PLAYMETER_REDIS_DURABILITY": "relaxed", "PLAYMETER_MASTER_KEY": Installation.masterKey,
        "LISTEN_FDS": count, "LISTEN_FDNAMES": "public:management",
      ]
      let result = try await ServiceProcess.runCommand(
        ["serve"],
        environment: environment,
        sockets: [socket]
      )
      #expect(result.status == 1)
      #expect(result.standardError.contains(words), "\(result.standardError)")
    }
  }
}
