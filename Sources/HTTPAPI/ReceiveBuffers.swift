import NIOCore

/// How much is read from a connection at once: what most requests fit in and, while a client sends
/// as much as is read, twice as much each time.
///
/// A channel keeps the first buffer that it gets for as long as it lives. So that one is small, and
/// the others, of which it keeps none, are made when there is something to read.
struct ReceiveBuffers: RecvByteBufferAllocator {
  /// The shortest requests, which are most of what idle connections have sent, fit in it.
  private static let firstBytes = 512
  /// Our requests are well below it with everything that clients and proxies add.
  private static let usualBytes = 1024
  /// The largest body of the contract.
  private static let maximumBytes = 16 * 1024

  private var bytes = Self.firstBytes

  func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: bytes) }

  /// The next buffer may always be larger, for the first one is to be used once only.
  mutating func record(actualReadBytes: Int) -> Bool {
    let isFull = actualReadBytes >= bytes
    bytes = isFull ? min(max(2 * bytes, Self.usualBytes), Self.maximumBytes) : Self.usualBytes
    return true
  }

  /// None is known beforehand: the channel would keep a buffer of that size.
  func nextBufferSize() -> Int? { nil }
}
