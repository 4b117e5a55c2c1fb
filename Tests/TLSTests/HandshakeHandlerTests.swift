import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import TLS

/// How a handshake ends for the listener.
@Suite("A server's handshake")
struct HandshakeHandlerTests {
  private final class Outcomes {
    var all: [ServerTLS.Outcome] = []
  }

  private func channel(_ outcomes: Outcomes) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    let handler = HandshakeHandler(limit: .seconds(10)) { outcomes.all.append($0) }
    try channel.pipeline.syncOperations.addHandler(handler)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  @Test("One that is not over after its limit ends the connection, and is counted once")
  func late() throws {
    let outcomes = Outcomes()
    let channel = try channel(outcomes)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
    #expect(channel.isActive)
    #expect(outcomes.all.isEmpty)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
    #expect(outcomes.all == [.timedOut])
  }

  @Test("One that is completed has no limit any more, and its handler is gone")
  func completed() throws {
    let outcomes = Outcomes()
    let channel = try channel(outcomes)
    let event = TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil)
    channel.pipeline.fireUserInboundEventTriggered(event)
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    #expect(channel.isActive)
    #expect(outcomes.all == [.completed])
    #expect(throws: (any Error).self) {
      try channel.pipeline.syncOperations.handler(type: HandshakeHandler.self)
    }
    try channel.close().wait()
    #expect(outcomes.all == [.completed])
  }

  @Test("A client that leaves before, and an error, are failures")
  func failed() throws {
    let outcomes = Outcomes()
    try channel(outcomes).close().wait()
    #expect(outcomes.all == [.failed])
    let other = try channel(outcomes)
    other.pipeline.fireErrorCaught(ChannelError.inputClosed)
    other.pipeline.fireErrorCaught(ChannelError.inputClosed)
    #expect(outcomes.all == [.failed, .failed])
    #expect(throws: ChannelError.inputClosed) { try other.throwIfErrorCaught() }
  }
}
