import NIOCore
import NIOPosix
import Support

/// A client that sends one request after the other on a connection that it keeps, and notes what
/// becomes of each.
struct KeptConnection {
  /// What became of the requests of a client, by their identifiers.
  struct Fates: Sendable {
    var answered: [String] = []
    /// The connection ended properly without any answer.
    var unanswered: [String] = []
    /// The connection ended within the answer.
    var cut: [String] = []
    /// The connection was reset.
    var reset: [String] = []
    /// Whether the last answer said that it was the last one.
    var isToldOfTheEnd = false
    /// The longest time from an answer to the next request, which a busy machine makes longer.
    var longestPause = Duration.zero

    mutating func add(_ other: Fates) {
      answered += other.answered
      unanswered += other.unanswered
      cut += other.cut
      reset += other.reset
    }
  }

  private var fates = Fates()
  private var answeredAt = ContinuousClock.now
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

  /// Asks until the connection has ended, with a pause before each request. Throws when there is no
  /// connection.
  static func ask(
    _ name: String,
    port: Int,
    pause: Duration = .milliseconds(1)
  ) async throws -> Fates {
    // Without a resolver, whose thread would wait for its turn behind the clients' tasks.
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(to: address) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, _ in
      var client = KeptConnection(inbound: inbound.makeAsyncIterator())
      var count = 0
      repeat {
        count += 1
        try await Task.sleep(for: pause)
      } while await client.ask("\(name)-\(count)", on: channel.channel)
      return client.fates
    }
  }

  private init(inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) {
    self.inbound = inbound
  }

  /// Sends a request and reads its answer; whether another one can follow.
  private mutating func ask(_ id: String, on channel: any Channel) async -> Bool {
    let request = RawRequest.text("GET", "/readyz", ["X-Request-Id: \(id)"])
    var answer = ""
    do {
      defer { fates.longestPause = max(fates.longestPause, .now - answeredAt) }
      try await channel.writeAndFlush(ByteBuffer(string: request)).get()
    } catch {
      // It had read the end of the connection before: it knows that this was not sent.
      if !(error is ChannelError) { fates.reset.append("\(id): \(error)") }
      return false
    }
    do {
      while !answer.hasSuffix("}") {
        guard let part = try await inbound.next() else {
          if answer.isEmpty { fates.unanswered.append(id) } else { fates.cut.append(id) }
          return false
        }
        answer += String(buffer: part)
      }
    } catch {
      fates.reset.append("\(id): \(error)")
      return false
    }
    fates.answered.append(id)
    answeredAt = .now
    fates.isToldOfTheEnd = answer.contains("Connection: close")
    return !fates.isToldOfTheEnd
  }
}
