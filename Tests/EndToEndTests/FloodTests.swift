import Support
import Testing

/// Attacks by sheer size and number.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct FloodTests {
  /// More than any buffer on the way.
  private static let manyMegabytes = 32
  private static let megabyte = String(repeating: "a", count: 1 << 20)

  /// Sends a beginning and then a megabyte again and again, until the service ends the connection.
  /// Returns what it said.
  private func flood(
    _ beginning: String,
    _ megabyte: String = megabyte
  ) async throws -> String {
    let stage = try Installation.shared
    let connection = try await HeldConnection.open(port: stage.service.publicPort)
    connection.send(beginning)
    do {
      for _ in 0..<Self.manyMegabytes { try await connection.deliver(megabyte) }
      Issue.record("all of it was taken")
    } catch {
      // The service has ended the connection, as it should.
    }
    try await connection.waitUntilClosed(within: .seconds(10))
    return connection.received
  }

  private static let line = "POST \(Installation.verifyPath) HTTP/1.1\r\nHost: x\r\n"

  /// What has no end: how it begins and how it goes on. By name, so that a failure does not quote
  /// a megabyte.
  enum Endless: CaseIterable {
    case path, value, name, fields

    fileprivate var parts: (beginning: String, megabyte: String) {
      switch self {
      case .path: ("GET /", FloodTests.megabyte)
      case .value: (FloodTests.line + "X-A: ", FloodTests.megabyte)
      case .name: (FloodTests.line + "X-", FloodTests.megabyte)
      case .fields: (FloodTests.line, String(repeating: "X-A: bbbbbbb\r\n", count: 1 << 16))
      }
    }
  }

  @Test(
    "A head without end is refused with 431, whatever it is that does not end",
    arguments: Endless.allCases
  )
  func head(endless: Endless) async throws {
    let stage = try Installation.shared
    let counted = try await stage.limited(by: "head_size")
    try await stage.expectFlatMemory(megabytes: 8) {
      let answer = try await flood(endless.parts.beginning, endless.parts.megabyte)
      #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer.prefix(200))")
      #expect(answer.contains("\r\nX-Request-Id: req_"))
      #expect(answer.contains("\r\nConnection: close\r\n"))
    }
    #expect(try await stage.limited(by: "head_size") == counted + 1)
  }

  @Test("A trailer or an extension of a chunk without end ends the connection")
  func chunkParts() async throws {
    let stage = try Installation.shared
    let chunked = Self.line + "Transfer-Encoding: chunked\r\n\r\n"
    try await stage.expectFlatMemory(megabytes: 8) {
      for beginning in [chunked + "0\r\nX-A: ", chunked + "1;a="] {
        let answer = try await flood(beginning)
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer.prefix(200))")
      }
    }
  }

  @Test(
    "A body without end is refused with 413 before it has come",
    arguments: [
      "Content-Length: 34359738368", "Content-Length: 9999999999999999999",
      "Transfer-Encoding: chunked",
    ]
  )
  func body(field: String) async throws {
    let stage = try Installation.shared
    let counted = try await stage.limited(by: "body_size")
    try await stage.expectFlatMemory(megabytes: 8) {
      let isChunked = field.hasSuffix("chunked")
      let megabyte = isChunked ? "100000\r\n\(Self.megabyte)\r\n" : Self.megabyte
      let answer = try await flood(Self.line + field + "\r\n\r\n", megabyte)
      #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer.prefix(200))")
    }
    #expect(try await stage.limited(by: "body_size") == counted + 1)
  }

  @Test("Requests that are sent ahead are all answered, in order, and none is decoded too early")
  func pipelining() async throws {
    let stage = try Installation.shared
    let count = 20_000
    try await stage.expectFlatMemory(megabytes: 8) {
      let connection = try await HeldConnection.open(port: stage.service.publicPort)
      for number in 0..<(count / 100) {
        let some = (0..<100)
          .map {
            RawRequest.text("GET", "/healthz", ["X-Request-Id: n\(number * 100 + $0)"])
          }
        connection.send(some.joined())
      }
      connection.finish()
      try await connection.waitUntilClosed(within: .seconds(60))
      let ids = connection.received.matches(of: /X-Request-Id: n([0-9]+)/).map { Int($0.1) }
      let isInOrder = ids == Array(0..<count)
      #expect(isInOrder, "\(ids.count) answers")
    }
  }

  @Test("A crowd that sends much ahead at once costs little memory")
  func crowd() async throws {
    let stage = try Installation.shared
    let requests = String(repeating: "GET / HTTP/1.1\r\n\r\n", count: 10_000)
    try await stage.expectFlatMemory(megabytes: 16) {
      let connections = try await HeldConnection.open(100, port: stage.service.publicPort)
      for connection in connections { connection.send(requests) }
      try await Task.sleep(for: .seconds(3))
      for connection in connections { connection.close() }
    }
  }
}
