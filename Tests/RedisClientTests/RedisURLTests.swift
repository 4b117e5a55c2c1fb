import Testing

@testable import RedisClient

@Suite("Redis URLs", .timeLimit(.minutes(15)))
struct RedisURLTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let url: String
    let address: RedisAddress
    var isEncrypted = false
    var username: String?
    var password: String?
    var database = 0
    var testDescription: String { url }
  }

  @Test(
    "A valid URL is read in all its parts",
    arguments: [
      Example(url: "redis://localhost", address: .tcp(host: "localhost", port: 6379)),
      Example(url: "REDIS://h:1/", address: .tcp(host: "h", port: 1)),
      Example(
        url: "redis://10.0.0.7:6380/3",
        address: .tcp(host: "10.0.0.7", port: 6380),
        database: 3
      ),
      Example(url: "redis://[::1]", address: .tcp(host: "::1", port: 6379)),
      Example(
        url: "redis://[fe80::1]:7000/15",
        address: .tcp(host: "fe80::1", port: 7000),
        database: 15
      ),
      Example(
        url: "redis://meter:p%40ss%3A%2F%EC%B9%B4@h",
        address: .tcp(host: "h", port: 6379),
        username: "meter",
        password: "p@ss:/카"
      ),
      Example(url: "redis://:secret@h", address: .tcp(host: "h", port: 6379), password: "secret"),
      Example(
        url: "redis://:a@b:c@h:1",
        address: .tcp(host: "h", port: 1),
        password: "a@b:c"
      ),
      Example(url: "redis://user@h", address: .tcp(host: "h", port: 6379), username: "user"),
      Example(
        url: "rediss://:secret@h:6380/1",
        address: .tcp(host: "h", port: 6380),
        isEncrypted: true,
        password: "secret",
        database: 1
      ),
      Example(
        url: "redis+sentinel://a,[::1]:7,c.example:26380/mymaster",
        address: .sentinel(
          SentinelGroup(
            members: [
              .init(host: "a", port: 26_379), .init(host: "::1", port: 7),
              .init(host: "c.example", port: 26_380),
            ],
            master: "mymaster"
          )
        )
      ),
      Example(
        url: "redis+sentinel://meter:p%2C1@a/money/3",
        address: .sentinel(
          SentinelGroup(members: [.init(host: "a", port: 26_379)], master: "money")
        ),
        username: "meter",
        password: "p,1",
        database: 3
      ),
      Example(url: "unix:///run/redis.sock", address: .unixSocket(path: "/run/redis.sock")),
      Example(
        url: "unix://u:p@/run/my%20redis.sock?db=2",
        address: .unixSocket(path: "/run/my redis.sock"),
        username: "u",
        password: "p",
        database: 2
      ),
    ]
  )
  func valid(_ example: Example) throws {
    let configuration = try RedisConfiguration(url: example.url)
    #expect(configuration.address == example.address)
    #expect(configuration.isEncrypted == example.isEncrypted)
    #expect(configuration.username == example.username)
    #expect(configuration.password == example.password)
    #expect(configuration.database == example.database)
  }

  @Test(
    "An invalid URL is refused, and neither error nor description shows the password",
    arguments: [
      "", "hunter2", "hunter2@h", "rediss://:hunter2@h:x", "redis+sentinel://:hunter2@h",
      "redis+sentinel://:hunter2@h/", "redis+sentinel://:hunter2@h,/m",
      "redis+sentinel://:hunter2@h,h:0/m", "redis+sentinel://:hunter2@h/m/x",
      "redis+sentinel://:hunter2@h/m/1/2", "redis+sentinel://:hunter2@/m",
      "http://:hunter2@h", "redis://", "redis://:hunter2@", "redis://:hunter2@h:0",
      "redis://:hunter2@h:65536", "redis://:hunter2@h:+1", "redis://:hunter2@h:",
      "redis://h:hunter2", "redis://:hunter2@h?db=1", "redis://:hunter2@a b", "redis://h\0",
      "redis://:hunter2@[::1", "redis://:hunter2@[::1]x", "redis://:hunter2@h/x",
      "redis://:hunter2@h/-1", "redis://:hunter2@h/0?db=1", "redis://:hunter2%@h",
      "redis://:hunter2%zz@h", "redis://:hunter2%FF@h", "redis://:hunter2/rest@h",
      "redis://:hunter2@h/1/2", "unix://hunter2", "unix://:hunter2@host/run/x", "unix:///",
      "unix://:hunter2@/x?db=", "unix://:hunter2@/x?other=1", "unix:///x%00y",
      "unix://:hunter2?@/x", "redis://:hunter2@h/99999999999999999999",
    ]
  )
  func invalid(url: String) {
    let error = #expect(throws: RedisURLError.self) { try RedisConfiguration(url: url) }
    #expect(error?.description.contains("hunter2") == false)
    #expect(error?.description.contains("redis://[user[:password]@]host") == true)
  }

  @Test("A configuration prints its address and never its password")
  func description() throws {
    let configuration = try RedisConfiguration(url: "redis://me:hunter2@[::1]:1/2")
    #expect("\(configuration)" == "[::1]:1, database 2")
    #expect(!String(reflecting: configuration).contains("hunter2"))
  }
}
