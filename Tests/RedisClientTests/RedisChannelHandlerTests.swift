import NIOCore
import NIOEmbedded
import Testing

@testable import RedisClient

/// The handler in a channel without a socket, whose turns the test makes itself.
@Suite("Channel handler", .timeLimit(.minutes(15)))
struct RedisChannelHandlerTests {
  private let channel = EmbeddedChannel()
  private let health = ConnectionHealth()
  private let handler: RedisChannelHandler

  init() throws {
    handler = RedisChannelHandler(
      eventLoop: channel.embeddedEventLoop,
      health: health,
      maximumInFlight: 1_000
    )
    try channel.pipeline.syncOperations.addHandler(handler)
    try channel.connect(to: SocketAddress(unixDomainSocketPath: "/redis")).wait()
  }

  private func submit(_ name: String, seconds: Int64 = 10) -> RedisChannelHandler.Reply {
    let reply = RedisChannelHandler.Reply()
    let deadline = channel.embeddedEventLoop.now + .seconds(seconds)
    handler.submit(RedisCommand(name), deadline: deadline, reply: reply)
    return reply
  }

  /// Ends the channel, so that it leaves no memory behind.
  private func finish() {
    do {
      _ = try channel.finish(acceptAlreadyClosed: true)
    } catch {
      Issue.record(error)
    }
  }

  @Test("All commands of one turn leave in one write, and the next turn's in another")
  func coalesced() throws {
    defer { finish() }
    for turn in 0..<3 {
      var expected = ""
      for number in 0..<100 {
        _ = submit("T\(turn)N\(number)")
        let name = "T\(turn)N\(number)"
        expected += "*1\r\n$\(name.utf8.count)\r\n\(name)\r\n"
      }
      #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
      channel.embeddedEventLoop.run()
      let write = try #require(try channel.readOutbound(as: ByteBuffer.self))
      #expect(String(buffer: write) == expected)
      #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    }
  }

  @Test("A reply that comes in pieces reaches its caller")
  func pieces() async throws {
    defer { finish() }
    let reply = submit("GET")
    for byte in "$5\r\nhello\r\n".utf8 { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
    #expect(try await reply.value() == .string("hello"))
  }

  @Test("A violation fails its caller, drops the others and closes the channel")
  func violation() async throws {
    defer { finish() }
    let replies = [submit("A"), submit("B"), submit("C")]
    try channel.writeInbound(ByteBuffer(string: "+fine\r\n?\r\n+ignored\r\n"))
    #expect(try await replies[0].value() == .status("fine"))
    let first = await #expect(throws: RedisError.self) { try await replies[1].value() }
    let second = await #expect(throws: RedisError.self) { try await replies[2].value() }
    guard case .protocolViolation = first, case .connectionLost = second else {
      Issue.record("\(String(describing: first)), \(String(describing: second))")
      return
    }
    #expect(!channel.isActive)
    #expect(!health.isUsable)
  }

  @Test("The timer fires for the head, and a command in time is left alone")
  func deadline() async throws {
    defer { finish() }
    let early = submit("A", seconds: 2)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    let late = submit("B", seconds: 2)
    try channel.writeInbound(ByteBuffer(string: "+a\r\n"))
    #expect(try await early.value() == .status("a"))
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1_999))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
    await #expect(throws: RedisError.deadlineExceeded) { try await late.value() }
  }

  @Test("Draining waits for replies, but not longer than two seconds")
  func drain() async throws {
    defer { finish() }
    let reply = submit("A", seconds: 60)
    handler.drain()
    #expect(!health.isUsable)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1_999))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
    await #expect(throws: RedisError.self) { try await reply.value() }
  }
}
