import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Support
import Testing

@testable import HTTPAPI

@Suite("Requests of the usual form", .timeLimit(.minutes(15)))
struct RequestScannerTests {
  private static let scanner = RequestScanner(
    maximumHeadBytes: 400,
    maximumFieldBytes: 100,
    maximumFieldCount: 8,
    maximumBodyBytes: 64
  )
  private static let usual = """
    PATCH /v1/game/session/heartbeat?a=%20b HTTP/1.1\r
    Host: playmeter.example:8080\r
    x-api-key:gk_1\r
    X-Empty:\r
    Accept:  a, b\r
    accept: c\r
    Content-Length: 7\r
    \r
    {"a":1}
    """

  private static func scan(_ text: String) -> RequestScanner.Finding {
    scanner.scan(ByteBuffer(string: text))
  }

  /// What is found, in words.
  private static func finding(_ text: String) -> String {
    switch scan(text) {
    case .request(let head, let body, let byteCount):
      let body = String(decoding: body, as: UTF8.self)
      return "\(head.method) \(head.target) \(body) of \(byteCount)"
    case .incomplete: return "incomplete"
    case .unusual: return "unusual"
    }
  }

  private static func post(_ fields: String..., body: String = "") -> String {
    (["POST / HTTP/1.1"] + fields + ["", body]).joined(separator: "\r\n")
  }

  @Test("A usual request is read with its fields, which are found whatever their case")
  func usual() throws {
    guard case .request(let head, let body, let count) = Self.scan(Self.usual + "GET") else {
      Issue.record("It was not read.")
      return
    }
    #expect(head.method == .patch && head.target == "/v1/game/session/heartbeat?a=%20b")
    #expect(head.isKeepAlive)
    #expect(head.fields[.apiKey] == "gk_1")
    #expect(head.fields[.accept] == "a, b, c")
    #expect(head.fields[values: .accept] == ["a, b", "c"])
    #expect(head.fields[try #require(HTTPField.Name("X-Empty"))]?.isEmpty == true)
    #expect(head.fields[.authorization] == nil)
    #expect(body == Array(#"{"a":1}"#.utf8) && count == Self.usual.utf8.count)
  }

  @Test("What asks for the end of the connection is heard")
  func connection() {
    for (value, isKeepAlive) in [("close", false), ("Close", false), ("Keep-Alive", true)] {
      guard case .request(let head, _, _) = Self.scan(Self.post("CONNECTION: \(value)", "")) else {
        Issue.record("\(value) was not read.")
        continue
      }
      #expect(head.isKeepAlive == isKeepAlive)
    }
  }

  @Test("The beginning of a usual request is incomplete, wherever it ends")
  func incomplete() {
    for count in 0..<Self.usual.utf8.count {
      let beginning = String(decoding: Self.usual.utf8.prefix(count), as: UTF8.self)
      #expect(Self.finding(beginning) == "incomplete", "\(count)")
    }
  }

  @Test(
    "What only the library should judge is unusual",
    arguments: [
      "POST / HTTP/1.0\r\n\r\n", "POST http://a/ HTTP/1.1\r\n\r\n", "POST * HTTP/1.1\r\n\r\n",
      "POST  / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\n\n", "\r\nPOST / HTTP/1.1\r\n\r\n",
      "POST /#a HTTP/1.1\r\n\r\n", "POST /é HTTP/1.1\r\n\r\n", "PUT / HTTP/1.1\r\n\r\n",
      "post / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n",
      Self.post(": a", ""), Self.post("A : a", ""), Self.post("A: b", " c", ""),
      Self.post("A: \tb", ""), Self.post("A: b ", ""), Self.post("A: é", ""),
      Self.post("A: b\nC: d", ""),
      Self.post("A: b\rC: d", ""), Self.post("A: b\0", ""), Self.post("A", ""),
      Self.post("Transfer-Encoding: chunked", "", body: "0\r\n\r\n"),
      Self.post("TE: a", "transfer-encoding: identity", ""), Self.post("Upgrade: h2c", ""),
      Self.post("Expect: 100-continue", ""), Self.post("Proxy-Connection: close", ""),
      Self.post("Connection: upgrade", ""), Self.post("Connection: close", "Connection: close", ""),
      Self.post("Content-Length: 1", "Content-Length: 1", "", body: "a"),
      Self.post("Content-Length: +1", "", body: "a"), Self.post("Content-Length: 1 1", ""),
      Self.post("Content-Length:", ""), Self.post("Content-Length: 0x1", "", body: "a"),
      Self.post("Content-Length: 00000000000001", "", body: "a"),
      Self.post("Content-Length: 65", "", body: String(repeating: "a", count: 65)),
      Self.post("A: " + String(repeating: "a", count: 100), ""),
      Self.post("A: 1", "A: 2", "A: 3", "A: 4", "A: 5", "A: 6", "A: 7", "A: 8", "A: 9", ""),
      Self.post(
        "A: " + String(repeating: "a", count: 95),
        "B: " + String(repeating: "b", count: 95),
        "C: " + String(repeating: "c", count: 95),
        "D: " + String(repeating: "d", count: 95),
        ""
      ),
    ]
  )
  func unusual(_ text: String) {
    #expect(Self.finding(text) == "unusual")
  }

  @Test("The scanner never reads a request in another way than the library does")
  func sameAsTheLibrary() async throws {
    var requests = 0
    try await Fuzzing("usual requests")
      .run { random in
        let bytes = random.damaged(Array(Self.usual.utf8), words: Self.words)
        let finding = Self.scanner.scan(ByteBuffer(bytes: bytes))
        guard case .request(let head, let body, let byteCount) = finding else { return }
        requests += 1
        let ours = Heard(head, body)
        let theirs = try Heard(reading: Array(bytes.prefix(byteCount)))
        guard ours == theirs else {
          let said = String(decoding: bytes, as: UTF8.self).debugDescription
          throw SupportError("\(ours) in place of \(theirs) for \(said)")
        }
      }
    #expect(requests > 0)
  }

  private static let words = [
    "\r\n", "\n", "\r", "\r\n\r\n", ":", ": ", " ", "\t", "\0", ",", "é", "HTTP/1.1", "HTTP/1.0",
    "GET / HTTP/1.1\r\n\r\n", "Content-Length: 3\r\n", "content-length:0\r\n",
    "Connection: close\r\n",
    "Connection: x\r\n", "Transfer-Encoding: chunked\r\n", "Upgrade: a\r\n", "POST", "DELETE ", "#",
  ]
}

/// A request, however it was read.
private struct Heard: Equatable {
  private static let names = ["host", "x-api-key", "x-empty", "accept", "content-length"]
    .compactMap { HTTPField.Name($0) }

  var line = ""
  var isKeepAlive = true
  var isPath = true
  var fields: [[String]] = []
  var body: [UInt8] = []

  init(_ head: RequestHead, _ body: [UInt8]) {
    note(head)
    self.body = body
  }

  private mutating func note(_ head: RequestHead) {
    line = "\(head.method) \(head.target)"
    isKeepAlive = head.isKeepAlive
    isPath = head.isPath
    fields = Self.names.map { head.fields[values: $0] }
  }

  /// As the library's decoder reads these bytes; they must be just one request.
  init(reading bytes: [UInt8]) throws {
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    var isWhole = false
    while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
      guard !isWhole else { throw SupportError("more than one request") }
      switch part {
      case .head(let head): note(RequestHead(head))
      case .body(let bytes): body += bytes.readableBytesView
      case .end: isWhole = true
      }
    }
    guard isWhole else { throw SupportError("no whole request") }
    _ = try channel.finish()
  }
}
