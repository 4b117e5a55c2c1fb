import Domain
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import HTTPAPI

@Suite("A live server", .timeLimit(.minutes(15)))
struct LiveServerTests {
  private static let verify = "POST /v1/game/session/verify HTTP/1.1\r\nHost: x\r\n"

  @Test("A request stays on its connection's event loop through every suspension")
  func pinned() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let seen = Mutex<[[ObjectIdentifier?]]>([])
    let readiness = ReadinessDouble(inquiry: {
      var loops = [currentLoop(group)]
      for _ in 0..<20 {
        await Task.yield()
        loops.append(currentLoop(group))
        try? await Task.sleep(for: .milliseconds(1))
        loops.append(currentLoop(group))
      }
      async let child = currentLoop(group)
      loops.append(await child)
      seen.withLock { $0.append(loops) }
    })
    try await LiveServer.with(group, { PublicAPI(readiness: readiness, listener: $0) }) { server in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask {
            let text = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = try await server.exchange([text], until: { $0.contains("ready") })
            #expect(answer.hasPrefix("HTTP/1.1 200"))
          }
        }
        try await tasks.waitForAll()
      }
    }
    let requests = seen.withLock { $0 }
    #expect(requests.count == 8)
    for loops in requests {
      #expect(loops[0] != nil)
      #expect(Set(loops).count == 1)
    }
    try await group.shutdownGracefully()
  }

  @Test("A chunked body is read up to the bound, refused, and the connection ends")
  func chunked() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let chunk = "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n"
      let head = Self.verify + "Transfer-Encoding: chunked\r\n\r\n"
      // The last chunk never comes.
      let answer = try await server.exchange([head] + Array(repeating: chunk, count: 5))
      #expect(answer.hasPrefix("HTTP/1.1 413"))
      #expect(answer.contains("PAYLOAD_TOO_LARGE"))
      #expect(answer.lowercased().contains("x-request-id: req_"))
      #expect(answer.lowercased().contains("connection: close"))
    }
  }

  @Test("A client that is still sending a large body gets to read its refusal")
  func large() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let size = 600_000
      let head = Self.verify + "Content-Length: \(size)\r\n\r\n"
      let answer = try await server.exchange([head, String(repeating: "x", count: size)])
      #expect(answer.hasPrefix("HTTP/1.1 413"))
    }
  }

  @Test("A client that never stops sending is cut off")
  func endless() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let head = Self.verify + "Content-Length: 999999999\r\n\r\n"
      let chunk = String(repeating: "x", count: 64 * 1024)
      let start = ContinuousClock.now
      _ = try? await server.exchange([head] + Array(repeating: chunk, count: 2000))
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }

  @Test("Bytes that are no HTTP get a 400 with a request id")
  func noHTTP() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let answer = try await server.exchange(["GARBAGE\r\n\r\n"])
      #expect(answer.hasPrefix("HTTP/1.1 400"))
      #expect(answer.lowercased().contains("x-request-id: req_"))
    }
  }

  @Test("A body that is no HTTP gets a 400 in the envelope")
  func brokenChunk() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let text = Self.verify + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n"
      let answer = try await server.exchange([text])
      #expect(answer.hasPrefix("HTTP/1.1 400"))
      #expect(answer.contains("BAD_REQUEST"))
    }
  }

  @Test("A connection carries one request after another")
  func keepAlive() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let one = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      let refused = Self.verify + "Content-Length: 2\r\n\r\n{}"
      let answer = try await server.exchange(
        [one + refused + one],
        until: { $0.components(of: "HTTP/1.1 ") == 3 && $0.hasSuffix("{\"status\":\"ok\"}") }
      )
      #expect(answer.components(of: "HTTP/1.1 200") == 2)
      #expect(answer.components(of: "INVALID_API_KEY") == 1)
    }
  }

  @Test("A client that asks for the connection's end is told of it in the response")
  func announcedEnd() async throws {
    try await LiveServer.with {
      PublicAPI(listener: $0)
    } _: { server in
      let answer = try await server.exchange([
        "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      ])
      #expect(answer.hasPrefix("HTTP/1.1 200"))
      #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
    }
  }

  @Test("A last response of any size is out before the connection closes")
  func largeLastResponse() async throws {
    // More than the system's buffers take at once.
    let faults = Array(repeating: String(repeating: "x", count: 1000), count: 20_000)
    try await LiveServer.with {
      PublicAPI(readiness: ReadinessDouble(list: faults), listener: $0)
    } _: { server in
      let answer = try await server.exchange([
        "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      ])
      let isWhole = answer.utf8.count > 20_000_000 && answer.hasSuffix("]}")
      #expect(isWhole, "\(answer.utf8.count) bytes")
    }
  }

  @Test("A cancelled server ends although a client keeps its connection open")
  func cancellation() async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let api = PublicAPI(listener: .loopback(onListening: { continuation.yield($0) }))
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      let services = ServiceGroup(services: [api], logger: Logger(label: "test"))
      tasks.addTask { try await services.run() }
      let port = try #require(await ports.first { _ in true })
      let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(host: "127.0.0.1", port: port).get()
      try await Task.sleep(for: .milliseconds(200))
      tasks.cancelAll()
      _ = try? await tasks.next()
      try? await client.close()
    }
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test("Whoever waits in the system's queue when the server stops is answered")
  func queue() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let count = 20
    try await LiveServer.with(group, { PublicAPI(listener: $0) }) { server in
      // The server accepts nobody while its only loop stands still, which is past the farewell.
      let isFree = Mutex(false)
      loop.execute {
        while !isFree.withLock({ $0 }) { usleep(1_000) }
      }
      try await withThrowingTaskGroup(of: String.self) { tasks in
        for _ in 0..<count {
          tasks.addTask {
            try await server.exchange(["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
          }
        }
        try await Task.sleep(for: .milliseconds(300))
        await server.services.triggerGracefulShutdown()
        try await Task.sleep(for: Listener.usualFarewell + .milliseconds(300))
        isFree.withLock { $0 = true }
        for try await answer in tasks {
          #expect(answer.hasPrefix("HTTP/1.1 200"))
          #expect(answer.contains("Connection: close"))
        }
      }
    }
    try await group.shutdownGracefully()
  }

  @Test("A shutdown answers the request in flight and closes idle connections")
  func gracefulShutdown() async throws {
    let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
    let readiness = ReadinessDouble(inquiry: {
      arrival.yield()
      try? await Task.sleep(for: .milliseconds(300))
    })
    try await LiveServer.with {
      PublicAPI(readiness: readiness, listener: $0)
    } _: { server in
      let (answered, answer) = AsyncStream.makeStream(of: Void.self)
      async let idle = server.exchange(["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"]) { _ in
        answer.yield()
        return false
      }
      // Idle is a connection that was answered; an earlier shutdown may find it not accepted yet.
      _ = await answered.first { _ in true }
      async let inFlight = server.exchange(["GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"])
      _ = await arrived.first { _ in true }
      await server.services.triggerGracefulShutdown()
      let answers = try await [idle, inFlight]
      #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
    }
  }
}

/// The loop of the group whose thread this runs on.
private func currentLoop(_ group: MultiThreadedEventLoopGroup) -> ObjectIdentifier? {
  group.makeIterator().first { $0.inEventLoop }.map { ObjectIdentifier($0) }
}

extension String {
  /// How often a text occurs in it.
  fileprivate func components(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
