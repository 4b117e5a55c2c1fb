import NIOCore
import NIOPosix

/// One connection that says given bytes and hears what comes back, for peers that must be asked in
/// a way no client library would.
enum RawConnection {
  /// Past this an answer is not one of ours.
  private static let largestAnswer = 64 << 20

  /// Connects, sends, and reads until `isComplete` says so or the peer closes. A peer that closes
  /// before it has read everything is no error here: what it said counts. Throws when it cannot be
  /// reached, or has not finished within `limit`.
  static func exchange(
    _ bytes: [UInt8],
    with address: SocketAddress,
    within limit: Duration,
    isComplete: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
  ) async throws -> [UInt8] {
    try await Waiting.limited("an answer from \(address)", to: limit) {
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(to: address) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
      return try await channel.executeThenClose { inbound, outbound in
        var answer: [UInt8] = []
        do {
          try await outbound.write(ByteBuffer(bytes: bytes))
          for try await part in inbound {
            answer.append(contentsOf: part.readableBytesView)
            guard !isComplete(answer), answer.count <= largestAnswer else { break }
          }
        } catch is IOError where !answer.isEmpty {
          return answer
        }
        return answer
      }
    }
  }
}
