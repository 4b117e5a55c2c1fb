import Support
import Testing

@testable import RedisClient

@Suite("Authentication", .timeLimit(.minutes(15)))
struct AuthenticationTests {
  private static let options = RedisServer.Options(password: "hunter2")

  @Test(
    "The right password opens the connection, with and without a user",
    arguments: [(String?.none, "hunter2"), ("meter", "swordfish")]
  )
  func right(user: String?, password: String) async throws {
    try await RedisServer.with(Self.options) { redis in
      #expect(try await redis.raw("ACL SETUSER meter on >swordfish ~* +@all") == "+OK\r\n")
      var configuration = redis.configuration
      configuration.username = user
      configuration.password = password
      try await withClient(configuration) { client in
        let reply = try await client.send(RedisCommand("ACL", "WHOAMI"))
        #expect(reply == .string(user ?? "default"))
      }
    }
  }

  @Test(
    "A wrong or missing password keeps the client away, says why, and is not logged",
    arguments: [("wrong-secret", "WRONGPASS"), (String?.none, "NOAUTH")]
  )
  func wrong(password: String?, code: String) async throws {
    try await RedisServer.with(Self.options) { redis in
      var configuration = redis.configuration
      configuration.password = password
      let lines = LogLines()
      try await withClient(configuration, ready: false, logger: lines.logger) { client in
        try await eventually {
          let error = await failure { () throws(RedisError) in
            try await client.send(RedisCommand("PING"))
          }
          guard case .notConnected(let reason) = error else { return false }
          return reason.contains(code)
        }
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains(code) == true)
        #expect(lines.all.first?.contains("wrong-secret") == false)
      }
    }
  }
}
