import NIOCore
import Testing

@testable import RedisClient

@Suite("Reply parser", .timeLimit(.minutes(15)))
struct ReplyParserTests {
  private static let sample: [RedisReply] = [
    .status("OK"), .integer(-42), .integer(.max), .integer(.min), .string("카페\r\n:1\r\n"),
    .string(""), .null, .array([]), .error(RedisServerError(message: "NOSCRIPT No matching")),
    .array([.string("a"), .null, .array([.integer(1), .array([.status("deep")])])]),
  ]

  private func nested(_ levels: Int) -> String {
    String(repeating: "*1\r\n", count: levels) + ":1\r\n"
  }

  private func isViolation(_ text: String) -> Bool {
    do throws(RedisError) {
      _ = try ReplyStream.parse(text)
      return false
    } catch {
      if case .protocolViolation = error { return true }
      return false
    }
  }

  @Test("Replies survive a split at every byte")
  func splitAtEveryByte() async throws {
    let bytes = Array(Self.sample.map(ReplyStream.encode).joined().utf8)
    for cut in 0...bytes.count {
      await Task.yield()
      let pieces = [ByteBuffer(bytes: bytes[..<cut]), ByteBuffer(bytes: bytes[cut...])]
      #expect(try ReplyStream.parse(pieces) == Self.sample, "cut at \(cut)")
    }
    #expect(try ReplyStream.parse(bytes.map { ByteBuffer(bytes: [$0]) }) == Self.sample)
  }

  @Test("Replies that come in one piece come out one by one")
  func merged() throws {
    let many = Array(repeating: Self.sample, count: 2_000).flatMap { $0 }
    #expect(try ReplyStream.parse(many.map(ReplyStream.encode).joined()) == many)
  }

  @Test("A null string and a null array are both null, and an empty array is not")
  func nulls() throws {
    #expect(
      try ReplyStream.parse("$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n") == [
        .null, .null, .array([]), .string(""),
      ]
    )
  }

  @Test("A string of 10 MB arrives whole")
  func largeString() throws {
    let text = String(repeating: "0123456789", count: 1_000_000)
    #expect(try ReplyStream.parse(ReplyStream.encode(.string(text))) == [.string(text)])
  }

  @Test("A string longer than 32 MiB is refused before it is complete")
  func tooLong() throws {
    let length = ReplyParser.maximumReplyBytes + 1_000_000
    let text = "$\(length)\r\n" + String(repeating: "x", count: length - 100_000)
    #expect(isViolation(text))
  }

  @Test("The limit holds for an array of small elements, and not for many small replies")
  func tooLongInPieces() throws {
    let element = ReplyStream.encode(.string(String(repeating: "x", count: 100_000)))
    let elements = String(repeating: element, count: 400)
    #expect(isViolation("*401\r\n" + elements))
    #expect(try ReplyStream.parse(elements).count == 400)
  }

  @Test(
    "Bytes that are not RESP2 are a violation",
    arguments: [
      "hello\r\n", "HTTP/1.1 400 Bad Request\r\n", ":abc\r\n", ":99999999999999999999\r\n",
      "*-2\r\n", "*x\r\n", "\r\n", "*1\r\n?\r\n", "$-2\r\n", "$x\r\n", "*2147483647\r\n",
      "*1048577\r\n", "*1\r\n*9999999999\r\n",
    ]
  )
  func malformed(_ text: String) {
    #expect(isViolation(text))
  }

  @Test("Text that is not UTF-8 is a violation", arguments: ["$2\r\n", "+", "-"])
  func notText(prefix: String) {
    let bytes = Array(prefix.utf8) + [0xC3, 0x28] + Array("\r\n".utf8)
    #expect(throws: RedisError.protocolViolation("a string is not UTF-8")) {
      try ReplyStream.parse([ByteBuffer(bytes: bytes)])
    }
  }

  @Test("Seven levels of arrays are read, eight are a violation")
  func depth() throws {
    #expect(try ReplyStream.parse(nested(7)).count == 1)
    for levels in [8, 9, 10, 1_000] { #expect(isViolation(nested(levels)), "\(levels)") }
  }

  @Test("An error's code is its first word")
  func errorCode() {
    #expect(RedisServerError(message: "WRONGTYPE Operation against").code == "WRONGTYPE")
    #expect(RedisServerError(message: "ERR").code == "ERR")
    #expect(RedisServerError(message: "").code == "")
  }
}
