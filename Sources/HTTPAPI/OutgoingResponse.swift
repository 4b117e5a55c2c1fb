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
  /// Whether it is the answer to `HEAD`: the same, without its body.
  let isHead: Bool
  /// Whether the connection cannot be used afterwards.
  let isLast: Bool

  /// The bytes, in one buffer and so in one write.
  func encoded(isLast: Bool) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: Self.usualBytes)
    buffer.writeStaticString("HTTP/1.1 ")
    buffer.writeString(String(reply.status.code))
    buffer.writeStaticString(" ")
    buffer.writeString(reply.status.reasonPhrase)
    buffer.writeStaticString("\r\n")
    for field in reply.fields { buffer.writeField(field.name.rawName, field.value) }
    buffer.writeField("X-Request-Id", requestID)
    buffer.writeField("Date", date)
    // A client that asked for it must be able to tell the announced end from a broken connection.
    if isLast { buffer.writeField("Connection", "close") }
    writeBody(into: &buffer)
    return buffer
  }

  private func writeBody(into buffer: inout ByteBuffer) {
    let bytes = reply.document?.bytes
    if let bytes {
      buffer.writeField("Content-Type", "application/json")
      buffer.writeField("Content-Length", String(bytes.count))
    } else if reply.status != .noContent {
      // A response that cannot have a body must not announce the length of one.
      buffer.writeField("Content-Length", "0")
    }
    buffer.writeStaticString("\r\n")
    if let bytes, !isHead { buffer.writeBytes(bytes) }
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
