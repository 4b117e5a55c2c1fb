import Support
import Testing

private let shortLimits = [
  "PLAYMETER_REQUEST_TIMEOUT": "1s", "PLAYMETER_RESPONSE_TIMEOUT": "1s",
]

/// Attacks by clients that are slow on purpose. Each limit is a second here, so that a test need
/// not wait for its default.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation(settings: shortLimits))
struct SlowClientTests {
  /// A second, and what a busy machine may be late by.
  private static let limit = Duration.seconds(1)...Duration.seconds(4)
  /// Enough to see that connections are cut one by one, each in its time.
  private static let crowd = 200
  /// Their responses are more than all buffers of the system take.
  private static let manyRequests = String(repeating: Installation.probe, count: 80_000)

  /// Sends a beginning on each connection and then drips a piece on all of them every 50 ms, until
  /// all were ended. Each must have lived as long as the limit says.
  private func drip(_ beginning: String, _ piece: String) async throws {
    let stage = try Installation.shared
    let counted = try await stage.limited(by: "request_timeout")
    try await stage.expectFlatMemory(megabytes: 8) {
      let connections = try await HeldConnection.open(Self.crowd, port: stage.service.publicPort)
      for connection in connections { connection.send(beginning) }
      try await Waiting.until("all are cut off", within: .seconds(15)) {
        for connection in connections where connection.isOpen { connection.send(piece) }
        try await Task.sleep(for: .milliseconds(50))
        return connections.allSatisfy { !$0.isOpen }
      }
      for connection in connections {
        #expect(Self.limit.contains(try #require(connection.lifetime)))
        #expect(connection.received == "")
      }
    }
    #expect(try await stage.limited(by: "request_timeout") == counted + Self.crowd)
  }

  @Test("A head that drips is cut off in time, however often a byte comes")
  func head() async throws {
    try await drip("POST \(Installation.verifyPath) HTTP/1.1\r\nHost: x\r\nX-A", "a")
  }

  @Test("So is one whose fields drip")
  func fields() async throws {
    try await drip("POST \(Installation.verifyPath) HTTP/1.1\r\n", "X-A: b\r\n")
  }

  @Test("So is a body that drips")
  func body() async throws {
    let key = try Installation.shared.skyfall.key
    let headers = ["X-Api-Key: \(key)", "Content-Type: application/json", "Content-Length: 16000"]
    try await drip(RawRequest.text("POST", Installation.verifyPath, headers), " ")
  }

  @Test("So is a body in chunks")
  func chunks() async throws {
    let headers = ["Transfer-Encoding: chunked"]
    try await drip(RawRequest.text("POST", Installation.verifyPath, headers), "1\r\n \r\n")
  }

  @Test("So is a connection that never says a word")
  func silence() async throws {
    try await drip("", "")
  }

  @Test("A connection that was used is kept while it is idle, and then closed")
  func idle() async throws {
    try await Installation.open(settings: ["PLAYMETER_KEEP_ALIVE_TIMEOUT": "2s"]) { stage in
      let connection = try await HeldConnection.open(port: stage.service.publicPort)
      for count in 1...2 {
        connection.send(Installation.probe)
        try await Waiting.until("an answer", within: .seconds(1)) {
          connection.received.split(separator: "HTTP/1.1 200 OK").count == count
        }
        try await Task.sleep(for: .milliseconds(1_300))
        #expect(connection.isOpen)
      }
      let lifetime = try await connection.waitUntilClosed(within: .seconds(8))
      #expect(lifetime > .milliseconds(3_200))
      #expect(try await stage.limited(by: "keep_alive_timeout") >= 1)
    }
  }

  /// Connections that have sent this and read nothing.
  private func sendUnread(
    _ requests: String,
    to stage: Installation
  ) async throws -> [HeldConnection] {
    var connections: [HeldConnection] = []
    for _ in 0..<5 {
      let port = stage.service.publicPort
      let connection = try await HeldConnection.open(port: port, reads: false)
      connection.send(requests)
      connections.append(connection)
    }
    return connections
  }

  @Test("Who sends requests and never reads is cut off; responses are not piled up for it")
  func unreadResponses() async throws {
    let stage = try Installation.shared
    let counted = try await stage.limited(by: "response_timeout")
    let requests = Self.manyRequests
    try await stage.expectFlatMemory(megabytes: 8) {
      let connections = try await sendUnread(requests, to: stage)
      try await Waiting.until("all are cut off", within: .seconds(30)) {
        try await stage.limited(by: "response_timeout") >= counted + connections.count
      }
      for connection in connections { connection.close() }
    }
  }

  @Test("Nor for one that closes its side first, so that nothing more can be held back")
  func unreadAndFinished() async throws {
    let stage = try Installation.shared
    let requests = Self.manyRequests
    let before =
      try await stage.limited(by: "response_timeout")
      + stage.limited(by: "pipelining")
    try await stage.expectFlatMemory(megabytes: 8) {
      let connections = try await sendUnread(requests, to: stage)
      for connection in connections { connection.finish() }
      try await Waiting.until("all are cut off", within: .seconds(30)) {
        try await stage.limited(by: "response_timeout") + stage.limited(by: "pipelining")
          >= before + connections.count
      }
      for connection in connections { connection.close() }
    }
  }
}
