import CHiredis
import NIOCore

/// The one owner of a hiredis reader: bytes go in, replies come out as Swift values. No C memory
/// leaves a call. After an error the reader never recovers, so neither does this value: the
/// connection that fed it must be dropped.
@safe struct ReplyParser: ~Copyable {
  /// hiredis has no limit of its own. 32 MiB is far above any reply of our scripts, so a reply
  /// that is still incomplete there comes from a broken or hostile server.
  static let maximumReplyBytes = 32 << 20
  /// After each reply hiredis moves the unread rest to the front of its buffer. Small slices that
  /// are drained at once keep that move, and so the cost per byte, small.
  static let sliceBytes = 64 << 10
  /// Redis' own bound for the arguments of a command; our replies are far shorter.
  static let maximumElements: Int32 = 1 << 20
  /// hiredis gives its buffer back to the system when more than this is unused. Its default,
  /// 16 KiB, would do so after every large slice.
  private static let idleBufferBytes = 4 * sliceBytes

  private let reader: UnsafeMutablePointer<redisReader>
  private let builder: UnsafeMutablePointer<ReplyBuilder>
  private var bytesOfIncompleteReply = 0

  init() {
    let builder = UnsafeMutablePointer<ReplyBuilder>.allocate(capacity: 1)
    unsafe builder.initialize(to: ReplyBuilder())
    guard let reader = unsafe sinkReaderCreate(builder.sink, Self.maximumElements) else {
      preconditionFailure("There is no memory for a reply parser.")
    }
    unsafe reader.pointee.maxbuf = Self.idleBufferBytes
    unsafe self.reader = unsafe reader
    unsafe self.builder = unsafe builder
  }

  deinit {
    unsafe sinkReaderFree(reader)
    unsafe builder.deinitialize(count: 1)
    unsafe builder.deallocate()
  }

  /// Takes at most one slice off the front of the buffer. Call ``next()`` until it gives nil
  /// before feeding again.
  mutating func feed(_ buffer: inout ByteBuffer) throws(RedisError) {
    let count = min(buffer.readableBytes, Self.sliceBytes)
    let status = unsafe buffer.withUnsafeReadableBytes { bytes in
      let characters = unsafe bytes.bindMemory(to: CChar.self)
      return unsafe redisReaderFeed(reader, characters.baseAddress, count)
    }
    buffer.moveReaderIndex(forwardBy: count)
    bytesOfIncompleteReply += count
    guard status == REDIS_OK else { throw violation() }
  }

  /// The next complete reply, or nil when more bytes are needed.
  mutating func next() throws(RedisError) -> RedisReply? {
    guard unsafe redisReaderGetReply(reader, nil) == REDIS_OK else {
      throw unsafe builder.pointee.fault ?? violation()
    }
    guard let reply = unsafe builder.pointee.take() else {
      guard bytesOfIncompleteReply <= Self.maximumReplyBytes else {
        throw .protocolViolation("a reply is longer than \(Self.maximumReplyBytes) bytes")
      }
      return nil
    }
    // What is left unread belongs to the next reply.
    bytesOfIncompleteReply = unsafe Int(reader.pointee.len) - Int(reader.pointee.pos)
    return reply
  }

  private func violation() -> RedisError {
    .protocolViolation(unsafe String(cString: sinkReaderError(reader)))
  }
}
