import NIOCore
import NIOEmbedded
import Support
import Testing

@testable import RedisClient

/// One connection under a server that answers whatever it likes.
@Suite("Replies that are none", .timeLimit(.minutes(15)))
struct ReplyFuzzTests {
  private static let callSeconds: Int64 = 10

  @Test("Whatever a server answers, every call ends with a reply or an error in time")
  func hostileServer() async throws {
    try await Fuzzing("replies")
      .run { random in
        let talk = try Talk()
        let calls = talk.submit(random.number(1...4), &random)
        for piece in random.pieces(of: Self.stream(&random)) where talk.channel.isActive {
          try talk.channel.writeInbound(ByteBuffer(bytes: piece))
        }
        if random.once(in: 4) { talk.channel.close(promise: nil) }
        talk.channel.embeddedEventLoop.advanceTime(by: .seconds(Self.callSeconds))
        for call in calls { try await Self.expectEnd(of: call) }
        talk.handler.submit(
          RedisCommand("PING"),
          deadline: talk.channel.embeddedEventLoop.now + .seconds(Self.callSeconds),
          reply: OneShot()
        )
        _ = try talk.channel.finish(acceptAlreadyClosed: true)
      }
  }

  /// A few replies, right ones mostly, the bytes of which are mostly damaged.
  private static func stream(_ random: inout SeededRandom) -> [UInt8] {
    let replies = (0..<random.number(1...5))
      .map { _ in
        ReplyStream.encode(ReplyStream.random(depth: random.pick([0, 1, 3, 7, 8]), using: &random))
      }
    let bytes = Array(replies.joined().utf8)
    return random.once(in: 8) ? bytes : random.damaged(bytes, words: HostileReply.words)
  }

  /// A call that has not ended by now would be cancelled by this, and nothing else cancels it.
  private static func expectEnd(of call: OneShot) async throws {
    call.finish(.failure(.cancelled))
    do throws(RedisError) {
      _ = try await call.value()
    } catch .cancelled {
      throw SupportError("a call has no end")
    } catch {}
  }

  /// The handler in a channel without a socket, as it is after a handshake.
  private struct Talk {
    let channel = EmbeddedChannel()
    let handler: RedisChannelHandler

    init() throws {
      handler = RedisChannelHandler(
        eventLoop: channel.embeddedEventLoop,
        health: ConnectionHealth(),
        maximumInFlight: 100
      )
      try channel.pipeline.syncOperations.addHandler(handler)
      try channel.connect(to: SocketAddress(unixDomainSocketPath: "/redis")).wait()
    }

    /// Calls of one command or of several.
    func submit(_ count: Int, _ random: inout SeededRandom) -> [OneShot] {
      (0..<count)
        .map { _ in
          let reply = OneShot()
          let deadline =
            channel.embeddedEventLoop.now + .seconds(Int64(random.number(1...Int(callSeconds))))
          if random.once(in: 3) {
            let commands = (0..<random.number(1...3)).map { RedisCommand("GET", "\($0)") }
            handler.submit(pipeline: commands, deadline: deadline, reply: reply)
          } else {
            handler.submit(RedisCommand("PING"), deadline: deadline, reply: reply)
          }
          return reply
        }
    }
  }
}
