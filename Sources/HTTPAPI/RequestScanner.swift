import HTTPTypes
import NIOCore

/// Reads a request that has come as a whole and is written as practically every client writes it:
/// HTTP/1.1, a known method, fields of plain ASCII, a body with its length.
///
/// It is no parser of HTTP. What it does not know it does not judge: everything else, wrong or only
/// rare, is left to the library's parser, which reads the same bytes. That one needs 13,000
/// instructions for a heartbeat, and memory for each connection.
struct RequestScanner {
  /// What bytes begin with.
  enum Finding {
    /// A request of so many bytes.
    case request(RequestHead, body: [UInt8], byteCount: Int)
    /// Nothing unusual, but no whole request.
    case incomplete
    /// Something for the library.
    case unusual
  }

  private static let version = Array(" HTTP/1.1\r\n".utf8)
  /// What most requests have; one with more grows its list.
  private static let usualFieldCount = 12

  // Bounds beyond which it is the library that says what is wrong.
  let maximumHeadBytes: Int
  let maximumFieldBytes: Int
  let maximumFieldCount: Int
  let maximumBodyBytes: Int

  /// Looks at what the readable bytes of a buffer begin with.
  func scan(_ buffer: ByteBuffer) -> Finding {
    let bytes = buffer.readableBytesUInt8Span
    var cursor = RequestCursor()
    guard let method = cursor.method(in: bytes), let target = cursor.target(in: bytes),
      cursor.skip(Self.version, in: bytes)
    else { return cursor.isUnusual ? .unusual : .incomplete }
    var framing = RequestFraming()
    var places: [RequestFields.Place] = []
    places.reserveCapacity(Self.usualFieldCount)
    while let place = cursor.field(in: bytes) {
      guard places.count < maximumFieldCount, place.byteCount <= maximumFieldBytes,
        framing.note(place, in: bytes)
      else { return .unusual }
      places.append(place)
    }
    guard cursor.isAtBody else { return cursor.isUnusual ? .unusual : .incomplete }
    let headCount = cursor.index
    guard headCount <= maximumHeadBytes, framing.bodyCount <= maximumBodyBytes else {
      return .unusual
    }
    let start = buffer.readerIndex
    guard let body = buffer.getBytes(at: start + headCount, length: framing.bodyCount) else {
      return .incomplete
    }
    guard let fields = buffer.getBytes(at: start, length: headCount),
      let target = buffer.getString(at: start + target.lowerBound, length: target.count)
    else { return .unusual }
    let head = RequestHead(
      method: method,
      target: target,
      isPath: !cursor.hasQuery,
      fields: RequestFields(fields, at: places),
      isKeepAlive: framing.isKeepAlive
    )
    return .request(head, body: body, byteCount: headCount + body.count)
  }
}

/// How far the scanner is in the bytes of a head. A nil or false means that they are unusual, or
/// else that they end too early.
private struct RequestCursor {
  private static let methods: [(text: [UInt8], method: HTTPRequest.Method)] =
    [.post, .patch, .get, .delete, .options, .head].map { (Array("\($0) ".utf8), $0) }
  private static let lineEnd = Array("\r\n".utf8)

  private(set) var index = 0
  /// Whether there is something that only the library knows.
  private(set) var isUnusual = false
  /// Whether there is a query behind the path.
  private(set) var hasQuery = false
  /// Whether the head is behind it.
  private(set) var isAtBody = false

  /// The method and the space behind it.
  mutating func method(in bytes: Span<UInt8>) -> HTTPRequest.Method? {
    for (text, method) in Self.methods where text[0] == (bytes.isEmpty ? 0 : bytes[0]) {
      isUnusual = false
      if skip(text, in: bytes) { return method }
      if !isUnusual { return nil }
    }
    isUnusual = !bytes.isEmpty
    return nil
  }

  /// A path of this server, perhaps with a query.
  mutating func target(in bytes: Span<UInt8>) -> Range<Int>? {
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: " "), index > start { return start..<index }
      let isUsual = index == start ? byte == UInt8(ascii: "/") : Self.isTarget(byte)
      guard isUsual else { return unusual() }
      if byte == UInt8(ascii: "?") { hasQuery = true }
      index += 1
    }
    return nil
  }

  /// Goes behind a text that must stand here.
  mutating func skip(_ text: [UInt8], in bytes: Span<UInt8>) -> Bool {
    for (offset, byte) in text.enumerated() {
      guard index + offset < bytes.count else { return false }
      guard bytes[index + offset] == byte else {
        isUnusual = true
        return false
      }
    }
    index += text.count
    return true
  }

  /// The next field with its line's end; nil, too, behind the empty line that ends the head.
  mutating func field(in bytes: Span<UInt8>) -> RequestFields.Place? {
    guard let name = name(in: bytes), let value = value(in: bytes) else { return nil }
    return RequestFields.Place(name: name, value: value)
  }

  private mutating func name(in bytes: Span<UInt8>) -> Range<Int>? {
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if Self.isToken(byte) {
        index += 1
      } else if index > start, byte == UInt8(ascii: ":") {
        index += 1
        return start..<(index - 1)
      } else if index == start, byte == UInt8(ascii: "\r") {
        isAtBody = skip(Self.lineEnd, in: bytes)
        return nil
      } else {
        return unusual()
      }
    }
    return nil
  }

  /// What stands behind the colon and its spaces. Spaces at the end the library leaves there.
  private mutating func value(in bytes: Span<UInt8>) -> Range<Int>? {
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
    let start = index
    while index < bytes.count, Self.isText(bytes[index]) { index += 1 }
    guard index < bytes.count else { return nil }
    let end = index
    guard end == start || bytes[end - 1] != UInt8(ascii: " ") else { return unusual() }
    return skip(Self.lineEnd, in: bytes) ? start..<end : nil
  }

  private mutating func unusual() -> Range<Int>? {
    isUnusual = true
    return nil
  }

  private static func isTarget(_ byte: UInt8) -> Bool {
    byte > UInt8(ascii: " ") && byte <= UInt8(ascii: "~") && byte != UInt8(ascii: "#")
  }

  private static func isText(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: " ") && byte <= UInt8(ascii: "~")
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

/// What fields say about where a request ends, and whether another one may follow.
private struct RequestFraming {
  /// Those about which the library decides. The last one is an alias that it knows.
  private static let unusualNames = [
    "transfer-encoding", "upgrade", "expect", "proxy-connection",
  ]
  /// So many digits are enough for every body that is read.
  private static let maximumDigits = 9

  private(set) var bodyCount = 0
  private(set) var isKeepAlive = true
  private var hasLength = false
  private var hasConnection = false

  /// Takes note of a field; false when it is unusual.
  mutating func note(_ place: RequestFields.Place, in bytes: Span<UInt8>) -> Bool {
    // Most names have another length than any of these.
    switch place.name.count {
    case 14 where Self.isText("content-length", bytes, place.name):
      return noteLength(bytes, place.value)
    case 10 where Self.isText("connection", bytes, place.name):
      return noteConnection(bytes, place.value)
    case 6, 7, 16, 17: return !Self.unusualNames.contains { Self.isText($0, bytes, place.name) }
    default: return true
    }
  }

  private mutating func noteLength(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
    guard !hasLength, (1...Self.maximumDigits).contains(value.count) else { return false }
    hasLength = true
    for index in value {
      let byte = bytes[index]
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return false }
      bodyCount = bodyCount * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return true
  }

  private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
    guard !hasConnection else { return false }
    hasConnection = true
    isKeepAlive = Self.isText("keep-alive", bytes, value)
    return isKeepAlive || Self.isText("close", bytes, value)
  }

  /// Compares with lower-case letters and hyphens, whatever case the bytes have.
  private static func isText(
    _ text: String,
    _ bytes: Span<UInt8>,
    _ range: Range<Int>
  ) -> Bool {
    guard range.count == text.utf8.count else { return false }
    var index = range.lowerBound
    for byte in text.utf8 {
      guard bytes[index] | 0x20 == byte else { return false }
      index += 1
    }
    return true
  }
}
