import NIOCore
import Testing

@testable import HTTPAPI

@Suite("What a connection reads into")
struct ReceiveBuffersTests {
  /// What NIO's channels keep their buffers in; ours read once at a time.
  private var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: ReceiveBuffers())

  /// Reads so many bytes, or as many as there is room for, and returns what a handler would get.
  private mutating func read(_ count: Int) -> ByteBuffer {
    let (buffer, length) = pool.buffer(allocator: ByteBufferAllocator()) { buffer in
      let length = min(count, buffer.writableBytes)
      buffer.writeRepeatingByte(0, count: length)
      return length
    }
    pool.record(actualReadBytes: length)
    return buffer
  }

  /// Whether the buffer of a reading is shared with the pool.
  private mutating func isKept(after count: Int) -> Bool {
    var buffer = read(count)
    return buffer.modifyIfUniquelyOwned { _ in } == nil
  }

  @Test("An idle connection keeps half a KiB, whatever was read from it")
  mutating func kept() {
    #expect(isKept(after: 100))
    for count in [100, 1000, 1024, 2048, 4096, 100] {
      #expect(!isKept(after: count), "\(count)")
    }
  }

  @Test("A client that sends much is read more of each time, at most 16 KiB, and then 1 KiB again")
  mutating func sizes() {
    let sizes = [512, 1024, 2048, 4096, 8192, 16384, 16384, 16383, 1024].map { read($0).capacity }
    #expect(sizes == [512, 1024, 2048, 4096, 8192, 16384, 16384, 16384, 1024])
    #expect(read(10).capacity == 2048)
    #expect(read(2048).capacity == 1024)
  }
}
