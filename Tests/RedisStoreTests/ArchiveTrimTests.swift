import Audit
import Domain
import Support
import Testing

@testable import RedisStore

@Suite("Trimming what is archived", .timeLimit(.minutes(15)))
struct ArchiveTrimTests {
  @Test("The archived line stays with everything behind it, and only what is before it goes")
  func keeps() async throws {
    try await Cafe.open { cafe in
      for number in 1...4 { try await cafe.topUp(1_000, ref: "more-\(number)") }
      let before = try await cafe.link.ledgerLines(in: cafe.partition)
      let ledger = RedisLedger(link: cafe.link)
      let right = try await ledger.lease(cafe.partition, holder: "a", duration: .seconds(10))
      let number = try #require(right)
      let archived = before[before.count - 3]
      #expect(try await ledger.trim(cafe.partition, keeping: archived.streamID, number: number))
      #expect(try await cafe.link.ledgerLines(in: cafe.partition) == Array(before.suffix(3)))
      // The audit reads the whole ledger, so what was trimmed is put back.
      try await putBack(before.dropLast(3), cafe)
    }
  }

  @Test("Whoever lost the right to archive trims nothing, and has it no more")
  func stale() async throws {
    try await Cafe.open { cafe in
      let ledger = RedisLedger(link: cafe.link)
      let first = try await ledger.lease(cafe.partition, holder: "a", duration: .seconds(10))
      let old = try #require(first)
      #expect(try await ledger.lease(cafe.partition, holder: "b", duration: .seconds(10)) == nil)
      cafe.pass(seconds: 11)
      let second = try await ledger.lease(cafe.partition, holder: "b", duration: .seconds(10))
      let new = try #require(second)
      #expect(new > old)
      let all = try await cafe.link.ledgerLines(in: cafe.partition)
      #expect(try await ledger.trim(cafe.partition, keeping: all[0].streamID, number: new))
      let last = try #require(all.last)
      let isOurs = try await ledger.trim(cafe.partition, keeping: last.streamID, number: old)
      #expect(!isOurs)
      #expect(try await cafe.link.ledgerLines(in: cafe.partition) == all)
    }
  }

  /// Redis takes no entry before the last one of a stream, so all of it is written anew.
  private func putBack(_ lost: ArraySlice<LedgerLine>, _ cafe: Cafe) async throws {
    let present = try await cafe.link.ledgerLines(in: cafe.partition)
    let key = cafe.link.keys.key(.ledger, in: cafe.partition)
    _ = try await cafe.server.raw("DEL \(key)")
    for line in Array(lost) + present {
      let fields = line.members.map { "\($0.name) \"\($0.value.text)\"" }.joined(separator: " ")
      _ = try await cafe.server.raw("XADD \(key) \(line.streamID) \(fields)")
    }
  }
}
