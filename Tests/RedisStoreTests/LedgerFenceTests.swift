import Audit
import Domain
import Testing

@testable import RedisStore

@Suite("The fence against a Redis that went back in time", .timeLimit(.minutes(15)))
struct LedgerFenceTests {
  private func fault(_ watermark: LedgerWatermark, _ cafe: Cafe) async throws -> String? {
    let fence = LedgerFence(keys: cafe.link.keys, watermark: watermark)
    let known = watermark.all
    let replies = try await cafe.link.send(fence.commands(for: known))
    return LedgerFence.fault(of: fence.forgotten(of: known, in: replies))
  }

  @Test("A Redis that has all that is known is let in, also when it has gone on")
  func complete() async throws {
    try await Cafe.open { cafe in
      let watermark = LedgerWatermark()
      #expect(try await fault(watermark, cafe) == nil)
      watermark.note(
        archived: try #require(try await cafe.link.ledgerLines(in: cafe.partition).last)
      )
      #expect(try await fault(watermark, cafe) == nil)
      try await cafe.topUp(1_000, ref: "later")
      #expect(try await fault(watermark, cafe) == nil)
    }
  }

  @Test("One that has a lower number than any reply has shown is kept out")
  func forgotten() async throws {
    try await Cafe.open { cafe in
      let last = try #require(try await cafe.link.ledgerLines(in: cafe.partition).last)
      let watermark = LedgerWatermark()
      watermark.note(last.sequence + 1, of: cafe.partition)
      // A reply that comes late takes nothing back.
      watermark.note(last.sequence, of: cafe.partition)
      let text = try #require(try await fault(watermark, cafe))
      #expect(text.contains("ends at seq \(last.sequence), but seq \(last.sequence + 1) is known"))
    }
  }

  @Test("One that has another line in the archived one's place is kept out")
  func diverged() async throws {
    try await Cafe.open { cafe in
      let last = try #require(try await cafe.link.ledgerLines(in: cafe.partition).last)
      let watermark = LedgerWatermark()
      watermark.note(
        archived: LedgerLine(
          partition: last.partition,
          streamID: last.streamID,
          members: last.members.map {
            $0.name == "balance_mgcoin" ? .init(name: $0.name, value: .integer(1)) : $0
          }
        )
      )
      let text = try #require(try await fault(watermark, cafe))
      #expect(text.contains("has another seq \(last.sequence) than the archive"))
    }
  }
}
