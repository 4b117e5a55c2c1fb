import NIOCore

/// HTTP/1.1 requests that no client library would send: repeated headers, text that is no UTF-8,
/// bodies past every limit. The test writes the bytes; the answer is read as a client would.
public enum RawHTTP {
  /// What came back. Header names are in lower case; a repeated header is there repeatedly.
  public struct Answer: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    /// The first value of that header.
    public func header(_ name: String) -> String? {
      headers.first { $0.name == name.lowercased() }?.value
    }
  }

  private static let endOfHead = Array("\r\n\r\n".utf8)

  /// Sends the bytes to a port of this machine, and reads one answer. Throws ``SupportError`` when
  /// none is complete within `limit`.
  public static func send(
    _ bytes: [UInt8],
    toPort port: Int,
    within limit: Duration = .seconds(10)
  ) async throws -> Answer {
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
    let received = try await RawConnection.exchange(bytes, with: address, within: limit) {
      parse($0)?.isComplete ?? false
    }
    guard let parsed = parse(received) else {
      let text = String(decoding: received, as: UTF8.self)
      throw SupportError("no HTTP answer but \(received.count) bytes: \(text)")
    }
    return parsed.answer
  }

  /// The same for text.
  public static func send(
    _ text: String,
    toPort port: Int,
    within limit: Duration = .seconds(10)
  ) async throws -> Answer {
    try await send(Array(text.utf8), toPort: port, within: limit)
  }

  private static func parse(_ bytes: [UInt8]) -> (answer: Answer, isComplete: Bool)? {
    guard let head = bytes.firstRange(of: endOfHead) else { return nil }
    let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let status = statusCode(first) else { return nil }
    let body = Array(bytes[head.upperBound...])
    let answer = Answer(status: status, headers: lines.dropFirst().map(header), body: body)
    let length = answer.header("content-length").flatMap { Int($0) }
    return (answer, body.count >= length ?? .max)
  }

  private static func statusCode(_ line: Substring) -> Int? {
    let words = line.split(separator: " ")
    guard words.count >= 2, words[0] == "HTTP/1.1" else { return nil }
    return Int(words[1])
  }

  private static func header(_ line: Substring) -> (name: String, value: String) {
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
    return (parts[0].lowercased(), String(value))
  }
}
