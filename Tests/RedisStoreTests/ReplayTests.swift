import Audit
import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite("The ledger is replayed on a Redis that has forgotten it", .timeLimit(.minutes(15)))
struct ReplayTests {
  private func hash(_ name: Keys.Name, _ id: String, _ cafe: Cafe) async throws -> [String] {
    let key = cafe.link.keys.key(name, id, in: cafe.partition)
    let texts = try await cafe.link.send(RedisCommand("HGETALL", key)).texts
    let pairs = stride(from: 0, to: texts.count, by: 2).map { "\(texts[$0])=\(texts[$0 + 1])" }
    return pairs.sorted()
  }

  /// Balance, rate of spending and status; how many PCs have a launcher, and whether a low balance
  /// was told, is in no line.
  private func account(_ cafe: Cafe) async throws -> [String] {
    let key = cafe.link.keys.key(.account, Cafe.id.text, in: cafe.partition)
    let words = try #require(try await cafe.link.send(RedisCommand("GET", key)).textIfAny)
      .split(separator: " ").map(String.init)
    return [words[0], words[1], words[4]]
  }

  /// What must be the same afterwards: the cafe, its references, the records of ended sessions.
  private func books(_ cafe: Cafe, _ ended: [GameSessionID]) async throws -> [[String]] {
    var books = [
      try await account(cafe), try await hash(.cafe, Cafe.id.text, cafe),
      try await hash(.refs, Cafe.id.text, cafe),
    ]
    for id in ended { books.append(try await hash(.record, id.description, cafe)) }
    return books
  }

  private func replay(_ lines: some Sequence<LedgerLine>, _ cafe: Cafe) async throws -> Int64 {
    let lines = Array(lines)
    let restore = RedisRestore(link: cafe.link)
    var replayed: Int64 = 0
    for start in stride(from: 0, to: lines.count, by: RedisRestore.batchSize) {
      let batch = lines[start..<min(start + RedisRestore.batchSize, lines.count)]
      replayed += try await restore.replay(Array(batch), in: lines[0].partition)
    }
    return replayed
  }

  @Test("Books, references, records and live sessions are as they were, from nothing and from half")
  func everything() async throws {
    try await Cafe.open(balance: 20_000) { cafe in
      let (first, ended) = try await cafe.play(pc: "PC-1")
      try await cafe.playOn(ended, first, seconds: 130)
      _ = try await cafe.end(ended)
      let (second, exhausted) = try await cafe.play(pc: "PC-2")
      try await cafe.playOn(exhausted, second, seconds: 400)
      try await cafe.topUp(500_000, ref: "rescue")
      _ = try await cafe.administration.rotateSecret(of: Cafe.id, revokePrevious: false)
      let (third, live) = try await cafe.play(pc: "PC-3")
      try await cafe.playOn(live, third, seconds: 200)
      _ = try await cafe.administration.suspend(Cafe.id, endSessions: false)

      let all = try await cafe.link.ledgerLines(in: cafe.partition)
      let games = try await cafe.link.ledgerLines(in: cafe.link.keys.gamesPartition)
      let before = try await books(cafe, [ended, exhausted])
      let report = try await cafe.report(live)
      for known in [0, all.count / 2, all.count - 1] {
        _ = try await cafe.server.raw("FLUSHALL")
        #expect(try await replay(games, cafe) == Int64(games.count))
        #expect(try await replay(Array(all.prefix(known + 1)), cafe) == Int64(known + 1))
        #expect(try await replay(all, cafe) == Int64(all.count - known - 1))
        #expect(try await replay(all, cafe) == 0)
        let after = try await books(cafe, [ended, exhausted])
        for (now, then) in zip(after, before) { #expect(now == then) }
        let restored = try await cafe.report(live)
        #expect(restored.charged == report.charged)
        #expect(restored.startedAt == report.startedAt)
        #expect(restored.state == .running)
        #expect(try await cafe.link.ledgerLines(in: cafe.partition) == all)
      }
      // The live one goes on where it was, and is billed for what it plays.
      guard case .alive = try await cafe.beat(live) else {
        Issue.record("the session is not alive")
        return
      }
    }
  }

  @Test("Each entry is put back as it was written, charges as one text")
  func entries() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 200)
      // It falls silent after a debit that has run ahead, which is taken back.
      cafe.pass(seconds: 70)
      try await cafe.bill()
      cafe.pass(seconds: 400)
      try await cafe.bill()
      let reading = RedisCommand(
        "XRANGE",
        cafe.link.keys.key(.ledger, in: cafe.partition),
        "-",
        "+"
      )
      let written = try await cafe.link.send(reading)
      let all = try await cafe.link.ledgerLines(in: cafe.partition)
      let games = try await cafe.link.ledgerLines(in: cafe.link.keys.gamesPartition)
      #expect(all.filter { $0.kind == .debit }.count > 3)
      #expect(all.filter { $0.kind == .reversal }.count == 1)
      guard case .array(let entries) = written, entries.count == all.count else {
        Issue.record("\(written)")
        return
      }
      for (entry, line) in zip(entries, all) {
        let isCharge = line.kind == .debit || line.kind == .reversal
        #expect((entry.fieldCount == 1) == isCharge, "\(entry)")
      }
      _ = try await cafe.server.raw("FLUSHALL")
      _ = try await replay(games, cafe)
      #expect(try await replay(all, cafe) == Int64(all.count))
      #expect(try await cafe.link.send(reading) == written)
      #expect(try await replay(all, cafe) == 0)
      #expect(try await cafe.link.send(reading) == written)
    }
  }

  @Test("A charge with other members than the scripts write is put back with all of them")
  func foreignCharge() async throws {
    try await Cafe.open { cafe in
      let (launcher, session) = try await cafe.play()
      try await cafe.playOn(session, launcher, seconds: 60)
      let games = try await cafe.link.ledgerLines(in: cafe.link.keys.gamesPartition)
      let all = try await cafe.link.ledgerLines(in: cafe.partition)
      let last = try #require(all.last)
      #expect(last.kind == .debit)
      let noted = LedgerLine(
        partition: last.partition,
        streamID: last.streamID,
        members: last.members + [.init(name: "note", value: .text("by hand"))]
      )
      var renamed = last.members
      renamed[4] = .init(name: "place_id", value: renamed[4].value)
      let other = LedgerLine(
        partition: last.partition,
        streamID: last.streamID,
        members: renamed
      )
      for foreign in [noted, other, last] {
        _ = try await cafe.server.raw("FLUSHALL")
        _ = try await replay(games, cafe)
        _ = try await replay(all.dropLast() + [foreign], cafe)
        #expect(try await cafe.link.ledgerLines(in: cafe.partition).last == foreign)
      }
    }
  }

  @Test("A loss is accepted once, only right behind the last line, and is replayed as it was")
  func loss() async throws {
    try await Cafe.open(balance: 20_000) { cafe in
      let restore = RedisRestore(link: cafe.link)
      let end = try #require(try await cafe.link.ledgerLines(in: cafe.partition).last?.sequence)
      func loss(_ from: Int64, _ to: Int64) -> LedgerLoss {
        LedgerLoss(partition: cafe.partition, numbers: from...to)
      }
      for wrong in [loss(end, end + 3), loss(end + 2, end + 3)] {
        let isAccepted = try await restore.accept(wrong)
        #expect(!isAccepted)
      }
      let isAccepted = try await restore.accept(loss(end + 1, end + 3))
      #expect(isAccepted)
      let again = try await restore.accept(loss(end + 1, end + 3))
      #expect(!again)
      try await cafe.topUp(1, ref: "after")
      let all = try await cafe.link.ledgerLines(in: cafe.partition)
      #expect(all.suffix(2).map(\.sequence) == [end + 4, end + 5])
      #expect(all.suffix(2).map(\.loss) == [loss(end + 1, end + 3), nil])

      let games = try await cafe.link.ledgerLines(in: cafe.link.keys.gamesPartition)
      _ = try await cafe.server.raw("FLUSHALL")
      _ = try await replay(games, cafe)
      #expect(try await replay(all, cafe) == Int64(all.count))
      #expect(try await cafe.link.ledgerLines(in: cafe.partition) == all)
      // Not on a Redis that has the lines which were accepted as lost.
      _ = try await cafe.server.raw("FLUSHALL")
      _ = try await replay(games, cafe)
      _ = try await replay(Array(all.dropLast(2)), cafe)
      for ref in ["1", "2", "3"] { try await cafe.topUp(1, ref: ref) }
      await #expect(throws: ServiceFault.self) { try await replay(all.suffix(2), cafe) }
    }
  }

  @Test("A line that does not follow is refused")
  func gap() async throws {
    try await Cafe.open { cafe in
      let all = try await cafe.link.ledgerLines(in: cafe.partition)
      let restore = RedisRestore(link: cafe.link)
      let last = try #require(all.last)
      let far = LedgerLine(
        partition: last.partition,
        streamID: "\(last.instant.milliseconds)-\(last.sequence + 2)",
        members: last.members.map {
          $0.name == "seq" ? .init(name: "seq", value: .integer(last.sequence + 2)) : $0
        }
      )
      await #expect(throws: ServiceFault.self) {
        try await restore.replay([far], in: far.partition)
      }
    }
  }
}

extension RedisReply {
  /// Names and values of a stream's entry, in pairs.
  fileprivate var fieldCount: Int? {
    guard case .array(let parts) = self, case .array(let fields) = parts.last else { return nil }
    return fields.count / 2
  }
}
