import NIOPosix
import Support
import Synchronization
import Testing

@testable import RedisClient

/// A client that asks Sentinels where its master is.
@Suite(.timeLimit(.minutes(15)))
struct SentinelTests {
  private func configuration(_ redis: ReplicatedRedis) throws -> RedisConfiguration {
    var configuration = try RedisConfiguration(url: redis.sentinels.url)
    configuration.commandTimeout = .seconds(15)
    return configuration
  }

  /// The server that a client's command reaches.
  private func port(_ client: RedisClient) async throws -> String? {
    guard case .string(let info) = try await client.send(RedisCommand("INFO", "server")) else {
      return nil
    }
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("tcp_port:") }
    return line.map { String($0.dropFirst("tcp_port:".count)) }
  }

  /// What a Sentinel of the test's own says, which the test can change.
  private final class Opinion: Sendable {
    private let place: Mutex<(port: Int, epoch: Int)>

    init(_ port: Int, epoch: Int) { place = Mutex((port, epoch)) }

    func set(_ port: Int, epoch: Int) { place.withLock { $0 = (port, epoch) } }

    func answer(_ command: [String]) -> FakeServer.Answer {
      let (port, epoch) = place.withLock { $0 }
      func bulk(_ words: [String]) -> String {
        "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
      }
      switch command.prefix(2) {
      case ["PING"]: return .bytes("+PONG\r\n")
      case ["SENTINEL", "GET-MASTER-ADDR-BY-NAME"]:
        return .bytes(bulk(["127.0.0.1", String(port)]))
      case ["SENTINEL", "MASTER"]:
        return .bytes(bulk(["name", "m", "config-epoch", String(epoch), "quorum", "2"]))
      default: return .nothing
      }
    }
  }

  private func with<Result: Sendable>(
    _ opinion: Opinion,
    _ body: @Sendable (SentinelGroup.Member) async throws -> Result
  ) async throws -> Result {
    try await FakeServer.with { _, command in
      opinion.answer(command)
    } _: { _, address in
      guard case .tcp(let host, let port) = address else { throw NeverCame() }
      return try await body(SentinelGroup.Member(host: host, port: port))
    }
  }

  private func configuration(_ members: SentinelGroup.Member...) -> RedisConfiguration {
    .patient(.sentinel(SentinelGroup(members: members, master: "m")))
  }

  @Test("The master is found, and again after a switch, by every connection")
  func switching() async throws {
    let redis = try await ReplicatedRedis.start(replicas: 1)
    let former = redis.servers[0]
    try await withClient(configuration(redis), connectionCount: 2) { client in
      var reached = try await port(client)
      #expect(reached == String(former.port))
      try await redis.sentinels.switchMaster()
      let new = try await redis.awaitSwitch(from: former)
      try await eventually { (try? await port(client)) == String(new.port) }
      for _ in 0..<4 {
        try await eventually { client.isConnected }
        reached = try await port(client)
        #expect(reached == String(new.port))
      }
    }
  }

  @Test("Connections to a former master that goes on serving are dropped")
  func dropped() async throws {
    let options = RedisServer.Options(listensOnTCP: true)
    let (former, new) = (try await RedisServer.start(options), try await RedisServer.start(options))
    let opinion = Opinion(former.port, epoch: 1)
    try await with(opinion) { sentinel in
      try await withClient(configuration(sentinel), connectionCount: 2) { client in
        // Nobody answers this one; it is cut off with its connection.
        let waiting = Task {
          await failure { () async throws(RedisError) in
            try await client.send(RedisCommand("BLPOP", "nothing", "0"))
          }
        }
        try await eventually { try await former.raw("INFO clients").contains("blocked_clients:1") }
        opinion.set(new.port, epoch: 2)
        guard case .connectionLost(let reason)? = await waiting.value else {
          Issue.record("the former master was still believed")
          return
        }
        #expect(reason.hasPrefix("the Sentinels have made 127.0.0.1:\(new.port) the master"))
        for _ in 0..<4 {
          try await eventually { client.isConnected }
          let reached = try await port(client)
          #expect(reached == String(new.port))
        }
      }
    }
  }

  @Test("Of several Sentinels the newest answer counts, and silent ones do not matter")
  func newest() async throws {
    let options = RedisServer.Options(listensOnTCP: true)
    let (former, new) = (try await RedisServer.start(options), try await RedisServer.start(options))
    try await with(Opinion(former.port, epoch: 3)) { behind in
      try await with(Opinion(new.port, epoch: 4)) { ahead in
        try await FakeServer.with { _, _ in
          .nothing
        } _: { _, address in
          guard case .tcp(let host, let port) = address else { throw NeverCame() }
          let silent = SentinelGroup.Member(host: host, port: port)
          let away = SentinelGroup.Member(host: "127.0.0.1", port: 1)
          try await withClient(configuration(silent, away, behind, ahead)) { client in
            let reached = try await self.port(client)
            #expect(reached == String(new.port))
          }
        }
      }
    }
  }

  @Test("A port that is none is no answer", arguments: [0, -1, 65_536, 1 << 40])
  func noPort(number: Int) async throws {
    try await with(Opinion(number, epoch: 1)) { sentinel in
      let group = MultiThreadedEventLoopGroup.singleton
      await #expect(throws: RedisError.self) {
        _ = try await RedisConnection.open(configuration(sentinel), on: group.next())
      }
    }
  }

  @Test("A Sentinel that knows less than before calls nobody back to a former master")
  func older() async throws {
    let options = RedisServer.Options(listensOnTCP: true)
    let (former, new) = (try await RedisServer.start(options), try await RedisServer.start(options))
    let opinion = Opinion(new.port, epoch: 5)
    try await with(opinion) { sentinel in
      try await withClient(configuration(sentinel)) { client in
        opinion.set(former.port, epoch: 4)
        // Two looks and a half.
        try await Task.sleep(for: .milliseconds(2_500))
        let reached = try await port(client)
        #expect(reached == String(new.port))
      }
    }
  }

  @Test("A replica that the Sentinels call master is refused")
  func replica() async throws {
    let server = try await RedisServer.start(RedisServer.Options(listensOnTCP: true))
    _ = try await server.raw("REPLICAOF 127.0.0.1 1")
    try await with(Opinion(server.port, epoch: 1)) { sentinel in
      try await withClient(configuration(sentinel), ready: false) { client in
        let error = await failure { () async throws(RedisError) in
          try await client.waitUntilConnected(within: .seconds(2))
          return .null
        }
        let text = "127.0.0.1:\(server.port) is a slave, though the Sentinels call it master"
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
      }
    }
  }

  @Test("Sentinels with a password are asked with it; without it they are named with the reason")
  func password() async throws {
    let redis = try await ReplicatedRedis.start(replicas: 0, sentinelPassword: "hush")
    var configuration = try configuration(redis)
    configuration.sentinelPassword = "hush"
    try await withClient(configuration) { client in
      let reached = try await port(client)
      #expect(reached == String(redis.servers[0].port))
    }
    configuration.sentinelPassword = nil
    try await withClient(configuration, ready: false) { client in
      let error = await failure { () async throws(RedisError) in
        try await client.waitUntilConnected(within: .seconds(3))
        return .null
      }
      let text = error?.description ?? ""
      #expect(text.contains("no Sentinel says where mymaster is"))
      #expect(text.contains("NOAUTH"), "\(text)")
      #expect(!text.contains("hush"))
    }
  }

  @Test("A master that the Sentinels do not know, and Sentinels that are away, are told")
  func unknown() async throws {
    let redis = try await ReplicatedRedis.start(replicas: 0)
    let port = redis.sentinels.ports[0]
    let url = "redis+sentinel://127.0.0.1:\(port),127.0.0.1:1/other"
    try await withClient(try RedisConfiguration(url: url), ready: false) { client in
      let error = await failure { () async throws(RedisError) in
        try await client.waitUntilConnected(within: .seconds(3))
        return .null
      }
      let text = error?.description ?? ""
      #expect(text.contains("127.0.0.1:\(port)"), "\(text)")
      #expect(text.contains("127.0.0.1:1: "), "\(text)")
    }
  }
}
