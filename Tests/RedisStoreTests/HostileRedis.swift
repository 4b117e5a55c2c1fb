import Domain
import Logging
import NIOCore
import NIOPosix
import RedisClient
import Support
import Synchronization

@testable import RedisStore

/// A server that answers each command with a reply as Redis would give it, in which a fuzzer has
/// put something else.
final class HostileRedis: Sendable {
  private struct Script {
    var random = SeededRandom(seed: 0)
    var rows: [HostileReply] = []
    var isHonest = false
    var commands = 0
  }

  /// Enough for every loop that a reply can keep going, and few beside a hang.
  private static let mostCommands = 20_000

  private let script = Mutex(Script())

  /// Runs the body with a link to such a server.
  static func with(_ body: (HostileRedis, RedisLink) async throws -> Void) async throws {
    let server = HostileRedis()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Talk(server))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let address = RedisAddress.tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    let client = RedisClient(
      configuration: RedisConfiguration(address: address),
      eventLoops: MultiThreadedEventLoopGroup.singleton,
      connectionCount: 1,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { group.cancelAll() }
      try await client.waitUntilConnected(within: .seconds(10))
      let keys = Keys(partitionCount: 4)
      try await body(
        server,
        RedisLink(client: client, keys: keys, scripts: Scripts(timings: Timings()))
      )
    }
    try await channel.close()
  }

  /// From now on it answers scripts with one of these.
  func prepare(_ rows: [HostileReply], _ random: inout SeededRandom) {
    let seed = random.next()
    script.withLock { $0 = Script(random: SeededRandom(seed: seed), rows: rows) }
  }

  /// From now on it answers rightly, so that a connection can come up.
  func calmDown() { script.withLock { $0.isHonest = true } }

  /// How many commands came for what was prepared last.
  var commands: Int { script.withLock { $0.commands } }

  fileprivate func answer(_ command: [String]) -> HostileReply {
    script.withLock { script in
      script.commands += 1
      if command.first == "PING" { return .status("PONG") }
      guard script.commands < Self.mostCommands else { return .error("ERR enough") }
      let honest = Self.honest(command, script.rows, &script.random)
      return script.isHonest || script.random.once(in: 4)
        ? honest : honest.altered(&script.random)
    }
  }

  private static let line = HostileReply.row(
    "1000-1",
    HostileReply.row("seq", "1", "at", "1000", "kind", "start", "cafe_id", "north")
  )

  /// Places and an account.
  private static let texts = ["0", "ls_x gs_x 9", "  ", "5 6 0 0 active"]

  private static let charge = HostileReply.row(
    "1000-2",
    HostileReply.row("charge", "debit north PC-1 skyfall \(FuzzedCalls.session) 2 -9 91 60")
  )

  private static func honest(
    _ command: [String],
    _ rows: [HostileReply],
    _ random: inout SeededRandom
  ) -> HostileReply {
    switch command.first {
    case "FCALL": rows.isEmpty ? .row() : random.pick(rows)
    case "TIME": .row("1772798400", "5")
    case "EVAL_RO": .row(7, random.pick(["", "1,,,;2,3,north,;"]))
    case "GET": .text(random.pick(texts))
    case "HMGET" where command.count == 4: .row("North", "10.0.0.0/8")
    case "HMGET": .row("10.0.0.0/8", "1", "00ff", "key", HostileReply.null, HostileReply.null, "")
    case "SMEMBERS": .row("north", "south")
    case "XRANGE", "XREVRANGE": .row(line, charge)
    case "SSCAN", "ZSCAN": .row("0", HostileReply.row(FuzzedCalls.session, "a|north|PC-1"))
    case "ZRANGEBYSCORE", "ZREVRANGEBYSCORE": .row(FuzzedCalls.session, "1000")
    case "INFO": .text("role:master\r\nredis_version:7.2.4\r\nused_memory:1\r\nmaxmemory:2\r\n")
    case "ZCARD", "SCARD", "HLEN", "XDEL": .integer(1)
    default: .status("OK")
    }
  }
}

/// One connection of the server. Its client writes commands and nothing else.
private final class Talk: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: HostileRedis
  private var received: [UInt8] = []

  init(_ server: HostileRedis) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received += unwrapInboundIn(data).readableBytesView
    var place = 0
    var answers: [UInt8] = []
    while let (command, end) = Self.command(received, from: place) {
      answers += server.answer(command).bytes
      place = end
    }
    received.removeFirst(place)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answers)), promise: nil)
  }

  /// The command that begins here and where it ends; nil when it is not there as a whole.
  private static func command(_ bytes: [UInt8], from start: Int) -> ([String], end: Int)? {
    guard let (count, first) = number(bytes, from: start) else { return nil }
    var (words, place): ([String], Int) = ([], first)
    for _ in 0..<count {
      guard let (length, text) = number(bytes, from: place), text + length + 2 <= bytes.count
      else { return nil }
      words.append(String(decoding: bytes[text..<(text + length)], as: UTF8.self))
      place = text + length + 2
    }
    return (words, place)
  }

  /// The number of a line behind its first byte, and where the next line begins.
  private static func number(_ bytes: [UInt8], from start: Int) -> (Int, next: Int)? {
    guard start < bytes.count, let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
    let digits = String(decoding: bytes[(start + 1)..<(end - 1)], as: UTF8.self)
    return Int(digits).map { ($0, end + 1) }
  }
}
