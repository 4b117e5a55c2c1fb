import Foundation
import Support
import Testing

@Suite("A test's own redis-server")
struct RedisServerTests {
  @Test("A key expires when the clock has moved past its TTL")
  func expiry() async throws {
    let redis = try await RedisServer.start()
    #expect(try await redis.raw("SET session alive EX 240") == "+OK\r\n")
    redis.clock.advance(by: .seconds(200))
    #expect(try await milliseconds(redis.raw("PTTL session")) <= 40_000)
    #expect(try await redis.raw("GET session") == "$5\r\nalive\r\n")
    redis.clock.advance(by: .seconds(40))
    #expect(try await redis.raw("PTTL session") == ":-2\r\n")
    try await redis.stop()
  }

  @Test("Time steps back as far as the test says")
  func stepBack() async throws {
    let redis = try await RedisServer.start()
    redis.clock.set(offset: .seconds(3600))
    try await expectOffset(3600, redis)
    redis.clock.set(offset: .milliseconds(-1500))
    try await expectOffset(-1.5, redis)
    try await redis.stop()
  }

  @Test("A held clock stands still, and keys expire by it")
  func held() async throws {
    let redis = try await RedisServer.start()
    redis.clock.hold(atMilliseconds: 1_772_323_200_123)
    let time = "*2\r\n$10\r\n1772323200\r\n$6\r\n123000\r\n"
    #expect(try await redis.raw("TIME") == time)
    #expect(try await redis.raw("SET key value PX 240000") == "+OK\r\n")
    try await Task.sleep(for: .milliseconds(5))
    #expect(try await redis.raw("TIME") == time)
    #expect(try await redis.raw("PTTL key") == ":240000\r\n")
    redis.clock.advance(by: .milliseconds(240_001))
    #expect(try await redis.raw("EXISTS key") == ":0\r\n")
    try await redis.stop()
  }

  @Test("The offset carries across the second", arguments: [-999, -1, 1, 999])
  func carry(offset: Int) async throws {
    let redis = try await RedisServer.start()
    redis.clock.set(offset: .milliseconds(offset))
    for _ in 0..<20 {
      try await expectOffset(Double(offset) / 1000, redis)
    }
    try await redis.stop()
  }

  @Test("A crash loses nothing that was acknowledged, and the clock stays moved")
  func crash() async throws {
    let redis = try await RedisServer.start()
    redis.clock.advance(by: .seconds(86_400))
    #expect(try await redis.raw("SET balance 1000") == "+OK\r\n")
    try await redis.kill()
    #expect(redis.processIdentifier == nil)
    await #expect(throws: (any Error).self) { try await redis.raw("PING") }
    try await redis.restart()
    #expect(try await redis.raw("GET balance") == "$4\r\n1000\r\n")
    #expect(try await time(redis) - Date.now.timeIntervalSince1970 > 86_000)
    try await redis.stop()
  }

  @Test("The project's configuration is what it runs with")
  func configuration() async throws {
    let redis = try await RedisServer.start()
    #expect(try await redis.raw("CONFIG GET appendonly").contains("yes"))
    #expect(try await redis.raw("CONFIG GET appendfsync").contains("always"))
    #expect(try await redis.raw("CONFIG GET maxmemory-policy").contains("noeviction"))
    try await redis.stop()
  }

  @Test("A password and a TCP port are as asked for")
  func passwordAndPort() async throws {
    let redis = try await RedisServer.start(.init(listensOnTCP: true, password: "open sesame"))
    #expect(redis.port > 0)
    #expect(try await redis.raw("CONFIG GET port").contains("\r\n\(redis.port)\r\n"))
    #expect(try await redis.raw("CONFIG GET requirepass").contains("open sesame"))
    try await redis.stop()
  }

  @Test("A cluster of one node answers for every slot")
  func cluster() async throws {
    let redis = try await RedisServer.start(.init(isCluster: true))
    #expect(try await redis.raw("SET {a}:1 x") == "+OK\r\n")
    #expect(try await redis.raw("MSET {a}:1 x {b}:1 y").hasPrefix("-CROSSSLOT"))
    try await redis.restart()
    #expect(try await redis.raw("GET {a}:1") == "$1\r\nx\r\n")
    try await redis.stop()
  }

  @Test("A frozen server answers when it is let go")
  func freeze() async throws {
    let redis = try await RedisServer.start()
    redis.freeze()
    async let answer = redis.raw("PING")
    try await Task.sleep(for: .milliseconds(50))
    redis.thaw()
    #expect(try await answer == "+PONG\r\n")
    redis.freeze()
    try await redis.stop()
    #expect(redis.processIdentifier == nil)
  }

  @Test("A directive that Redis does not know stops the test with Redis' words")
  func badDirective() async throws {
    await #expect {
      try await RedisServer.start(.init(settings: ["no-such-directive": "1"]))
    } throws: { error in
      "\(error)".contains("no-such-directive")
    }
  }

  @Test("Nothing is left of a server that was forgotten")
  func forgotten() async throws {
    var redis: RedisServer? = try await RedisServer.start()
    let process = try #require(redis?.processIdentifier)
    let socket = try #require(redis?.socketPath)
    redis = nil
    try await Waiting.until("the end of a forgotten server", within: .seconds(5)) {
      kill(process, 0) != 0 && !FileManager.default.fileExists(atPath: socket)
    }
  }

  private func milliseconds(_ answer: String) throws -> Int {
    try #require(Int(answer.trimmingCharacters(in: CharacterSet(charactersIn: ":\r\n"))))
  }

  /// The server's Unix time in seconds.
  private func time(_ redis: RedisServer) async throws -> Double {
    try seconds(try await redis.raw("TIME"))
  }

  /// The server's time lies between the test's own before and after the question, however long that
  /// took, moved by the offset. Its clock counts the offset in whole milliseconds.
  private func expectOffset(_ offset: Double, _ redis: RedisServer) async throws {
    let before = Date.now.timeIntervalSince1970
    let answer = try await redis.raw("TIME")
    let after = Date.now.timeIntervalSince1970
    let microseconds = try #require(Int(answer.split(separator: "\r\n")[4]))
    #expect((0..<1_000_000).contains(microseconds))
    let moved = try seconds(answer) - offset
    #expect((before - 0.002...after + 0.002).contains(moved))
  }

  /// Of an answer to TIME: `*2`, `$10`, seconds, `$6`, microseconds.
  private func seconds(_ answer: String) throws -> Double {
    let lines = answer.split(separator: "\r\n")
    return try #require(Double(lines[2])) + (try #require(Double(lines[4]))) / 1e6
  }
}
