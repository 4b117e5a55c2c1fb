import Domain
import Ledger
import RedisClient
import RedisStore
import Support
import Testing

@Suite(.timeLimit(.minutes(15)))
struct LiveStateTests {
  @Test("A living session is seen whole, with the number of the line before it")
  func living() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      cafe.pass(seconds: 60)
      try await cafe.bill()
      let live = RedisLiveState(link: cafe.link)
      let look = try await live.sessions([.init(id: session.description)], in: cafe.partition)
      let lines = try await cafe.lines()
      #expect(look.sequence == lines.last?.sequence)
      let row = try #require(look.rows.first)
      #expect(row.isAlive && row.isDue && row.isListed)
      #expect(row.sessionOnPC == session.description)
      let meter = try #require(row.meter)
      #expect((meter.cafe, meter.pc, meter.game) == (Cafe.id.text, "PC-1", cafe.game.id.text))
      #expect((meter.rate, meter.billedSeconds, meter.sequence) == (Cafe.rate, 60, 2))
      #expect(meter.charged == Money(milliGCoin: 3_833))
      let cafes = try await live.cafes([Cafe.id.text, "nobody"], in: cafe.partition).rows
      #expect(cafes.map(\.balance) == [Money(milliGCoin: 996_167), nil])
      #expect((cafes[0].spendingPerHour, cafes[0].liveSessions) == (Cafe.rate, 1))
      #expect(cafes[0].references == 1)
      _ = try await cafe.launchers.end(launcher, requestID: "r")
      let after = try await live.sessions(
        [.init(id: session.description, cafe: Cafe.id.text, pc: "PC-1")],
        in: cafe.partition
      )
      #expect(after.rows[0].meter == nil && !after.rows[0].isAlive && !after.rows[0].isDue)
      #expect(!after.rows[0].isListed && after.rows[0].sessionOnPC == nil)
    }
  }

  @Test("Every place that takes a session for living names it")
  func candidates() async throws {
    try await Cafe.open { cafe in
      let (_, session) = try await cafe.play()
      let key = "pm:{p\(cafe.partition.number)}:"
      let place = key + "pc:\(Cafe.id):PC-1"
      let before = try await cafe.link.client.send(RedisCommand("GET", place))
      guard case .string(let text) = before else { throw SupportError("no place: \(before)") }
      _ = try await cafe.link.client.send(RedisCommand("SET", place, "ls_pc gs_pc 1"))
      _ = try await cafe.link.client.send(RedisCommand("SADD", key + "live:\(Cafe.id)", "gs_live"))
      _ = try await cafe.link.client.send(RedisCommand("ZADD", key + "due", "1", "gs_due"))
      var found: Set<String> = []
      let live = RedisLiveState(link: cafe.link)
      try await live.forEachCandidate(in: cafe.partition, of: [Cafe.id.text]) {
        (page: [RedisLiveState.Candidate]) throws(ServiceFault) in
        found.formUnion(page.map(\.id))
      }
      #expect(found == [session.description, "gs_pc", "gs_live", "gs_due"])
      _ = try await cafe.link.client.send(RedisCommand("SET", place, text))
      _ = try await cafe.link.client.send(RedisCommand("SREM", key + "live:\(Cafe.id)", "gs_live"))
      _ = try await cafe.link.client.send(RedisCommand("ZREM", key + "due", "gs_due"))
    }
  }

  @Test("The ledger is read page by page, from the start and from behind any line or time")
  func pages() async throws {
    try await Cafe.open { cafe in
      for number in 1...1_100 { try await cafe.topUp(1, ref: "r\(number)") }
      let lines = try await cafe.lines()
      #expect(lines.map(\.sequence) == (1...Int64(lines.count)).map { $0 })
      let ledger = RedisLedger(link: cafe.link)
      let middle = lines[700]
      #expect(try await cafe.lines(after: middle.streamID, ledger) == Array(lines[701...]))
      let time = "\(middle.instant.milliseconds)-0"
      let same = lines.filter { $0.instant >= middle.instant }
      #expect(try await cafe.lines(after: time, ledger) == same)
      #expect(try await cafe.lines(after: lines.last?.streamID, ledger) == [])
    }
  }
}

extension Cafe {
  fileprivate func lines(
    after streamID: String? = nil,
    _ ledger: RedisLedger? = nil
  ) async throws -> [LedgerLine] {
    var lines: [LedgerLine] = []
    try await (ledger ?? RedisLedger(link: link))
      .forEachPage(in: partition, after: streamID) {
        (page: [LedgerLine]) throws(ServiceFault) in lines += page
      }
    return lines
  }
}
