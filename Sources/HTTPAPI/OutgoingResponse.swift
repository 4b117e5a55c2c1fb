import HTTPTypes
import JSON
import NIOCore

/// A response as it goes out, with the fields that every response has.
struct OutgoingResponse: Sendable {
  /// What most responses take; a longer one grows its buffer.
  private static let usualBytes = 768

  let reply: Reply
  let requestID: String
  /// The value of `Date`.
  let date: String
  /// What browsers demand, as whole lines.
  let crossOriginLines: String
  /// Whether it is the answer to `HEAD`: the same, without its body.
  let isHead: Bool
  /// Whether the connection cannot be used afterwards.
  let isLast: Bool

  /// The bytes, in one buffer and so in one write. Constant parts that follow each other are
  /// written together: one by one they were 8 % of a heartbeat's instructions.
  func encoded(isLast: Bool) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: Self.usualBytes)
    writeStatusLine(into: &buffer)
    for field in reply.fields { buffer.writeField(field.name.rawName, field.value) }
    buffer.writeString(crossOriginLines)
    // A client that asked for it must be able to tell the announced end from a broken connection.
    if isLast { buffer.writeStaticString("Connection: close\r\n") }
    buffer.writeStaticString("X-Request-Id: ")
    buffer.writeString(requestID)
    buffer.writeStaticString("\r\nDate: ")
    buffer.writeString(date)
    writeBody(into: &buffer)
    return buffer
  }

  private func writeStatusLine(into buffer: inout ByteBuffer) {
    if reply.status == .ok {
      buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
    } else {
      buffer.writeString("HTTP/1.1 \(reply.status.code) \(reply.status.reasonPhrase)\r\n")
    }
  }

  /// Goes on behind the last field's value.
  private func writeBody(into buffer: inout ByteBuffer) {
    if let content = reply.content {
      buffer.writeStaticString("\r\nContent-Type: ")
      buffer.writeString(content.type)
      buffer.writeStaticString("\r\nContent-Length: ")
      buffer.writeString(String(content.bytes.count))
      buffer.writeStaticString("\r\n\r\n")
      if !isHead { buffer.writeBytes(content.bytes) }
    } else if reply.status == .noContent {
      // A response that cannot have a body must not announce the length of one.
      buffer.writeStaticString("\r\n\r\n")
    } else {
      buffer.writeStaticString("\r\nContent-Length: 0\r\n\r\n")
    }
  }
}

extension ByteBuffer {
  fileprivate mutating func writeField(_ name: String, _ value: String) {
    writeString(name)
    writeStaticString(": ")
    writeString(value)
    writeStaticString("\r\n")
  }
}
