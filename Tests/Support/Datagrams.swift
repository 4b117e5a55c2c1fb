import NIOCore
import NIOPosix

/// Questions to one UDP port of this machine and their answers, all from one port of ours.
public enum Datagrams {
  private typealias Channel = NIOAsyncChannel<
    AddressedEnvelope<ByteBuffer>, AddressedEnvelope<ByteBuffer>
  >

  /// Runs the body with a function that sends a datagram and returns the next one that comes.
  /// Nothing is sent twice: on loopback nothing is lost. Throws when nobody listens, and
  /// ``SupportError`` when the body has not ended within `limit`.
  public static func exchange<Result: Sendable>(
    withPort port: Int,
    within limit: Duration,
    _ body: @escaping @Sendable (_ ask: ([UInt8]) async throws -> [UInt8]) async throws -> Result
  ) async throws -> Result {
    try await Waiting.limited("datagrams from port \(port)", to: limit) {
      let peer = try SocketAddress(ipAddress: "127.0.0.1", port: port)
      let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(to: peer) { channel in
          channel.eventLoop.makeCompletedFuture {
            try Channel(wrappingChannelSynchronously: channel)
          }
        }
      return try await channel.executeThenClose { inbound, outbound in
        var answers = inbound.makeAsyncIterator()
        return try await body { question in
          let data = ByteBuffer(bytes: question)
          try await outbound.write(AddressedEnvelope(remoteAddress: peer, data: data))
          guard let answer = try await answers.next() else {
            throw SupportError("port \(port) answers no more")
          }
          return Array(answer.data.readableBytesView)
        }
      }
    }
  }
}
