import RedisClient
import Testing

@testable import RedisStore

@Suite("What an operator is told of a Redis")
struct RequirementsTests {
  private static let requirements = RedisRequirements(durability: .strict, keys: Keys())

  private func faults(_ info: String) -> [String] {
    Self.requirements.faults(in: [.string(info), .null, .array([])])
  }

  private func warnings(_ info: String) -> [String] {
    Self.requirements.warnings(inInfo: info)
  }

  private static let fit = """
    redis_version:7.0.15\r
    role:master\r
    aof_enabled:1\r
    aof_last_bgrewrite_status:ok\r
    maxmemory:0\r
    used_memory:1000000\r
    maxmemory_policy:noeviction\r
    slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0\r

    """

  @Test("Of one that is fit there is nothing to say")
  func fit() {
    #expect(faults(Self.fit) == [])
    #expect(warnings(Self.fit) == [])
  }

  @Test("One that is too old is refused", arguments: ["6.2.20", "5.0.3"])
  func tooOld(version: String) throws {
    let found = faults(Self.fit.replacing("7.0.15", with: version))
    #expect(found == ["Redis \(version) is too old: install 7.0.0 or later"])
  }

  @Test(
    "A version with a known hole names the one to install",
    arguments: [
      ("7.0.14", "7.0.15"), ("7.0.15", nil), ("7.1.0", "7.2.11"), ("7.2.4", "7.2.11"),
      ("7.2.11", nil), ("7.4.5", "7.4.6"), ("7.4.10", nil), ("8.0.3", "8.0.4"), ("8.2.1", "8.2.2"),
      ("8.2.2", nil), ("8.4.0", nil), ("10.0.0", nil),
    ] as [(String, String?)]
  )
  func holes(version: String, better: String?) {
    let found = warnings(Self.fit.replacing("7.0.15", with: version))
    #expect(found.count == (better == nil ? 0 : 1))
    if let better { #expect(found[0].hasSuffix("install \(better) or later")) }
  }

  @Test("A file that cannot be renewed is told")
  func renewal() {
    let info = Self.fit.replacing("bgrewrite_status:ok", with: "bgrewrite_status:err")
    #expect(warnings(info).first?.contains("run BGREWRITEAOF") == true)
  }

  @Test("Memory that is four fifths full is told", arguments: [(1_251_000, 0), (1_240_000, 1)])
  func memory(most: Int, count: Int) {
    let found = warnings(Self.fit.replacing("maxmemory:0", with: "maxmemory:\(most)"))
    #expect(found.count == count)
    #expect(found.allSatisfy { $0.contains("80 %") && $0.contains("\(most) bytes") })
  }

  @Test("A master that refuses to write without replicas, or is full, is unfit")
  func writes() {
    func faults(_ info: String) -> [String] {
      Self.requirements.writeFaults(RedisRequirements.fields(ofInfo: info))
    }
    #expect(faults("min_slaves_good_slaves:1\r\nmaxmemory:0\r\nused_memory:9\r\n") == [])
    #expect(faults("maxmemory:100000\r\nused_memory:99000\r\n") == [])
    #expect(faults("maxmemory:100000\r\nused_memory:101000\r\n").count == 1)
    #expect(faults("min_slaves_good_slaves:0\r\n").count == 1)
  }

  @Test("A replica that is not in step is named")
  func replica() {
    let found = warnings(Self.fit.replacing("state=online", with: "state=wait_bgsave"))
    #expect(found.count == 1)
    #expect(found.first?.contains("10.0.0.2:6379 is not in step (wait_bgsave)") == true)
  }
}
