import Domain
import Ledger
import Testing

@Suite("The audit of what is held beside the ledger")
struct PartitionAuditStateTests {
  private func audited() -> PartitionAudit {
    var audit = PartitionAudit(of: Partition(number: 3))
    for line in PartitionAuditTests.evening().lines { audit.add(line) }
    return audit
  }

  private static let start = Instant(milliseconds: 1_772_000_145_000)

  private func meter(
    pc: String = "PC-1",
    rate: Int64 = 36_000,
    start: Instant = start,
    billed: Int64 = 60,
    charged: Int64 = 600,
    sequence: Int64 = 2
  ) -> LiveMeter {
    LiveMeter(
      cafe: "north",
      pc: pc,
      game: "tower",
      rate: rate,
      startedAt: start,
      lastHeartbeatAt: start,
      billedSeconds: billed,
      charged: Money(milliGCoin: charged),
      sequence: sequence
    )
  }

  private func session(
    _ meter: LiveMeter?,
    of id: String = "gs_3",
    isDue: Bool = true,
    isListed: Bool = true,
    onPC: String? = "gs_3"
  ) -> LiveSession {
    LiveSession(
      id: id,
      meter: meter,
      isAlive: false,
      isDue: isDue,
      isListed: isListed,
      sessionOnPC: onPC
    )
  }

  @Test("What agrees gives no finding, also when the session key has expired")
  func agreement() {
    var audit = audited()
    audit.check(session(meter()))
    audit.check(session(nil, of: "gs_1", isDue: false, isListed: false))
    #expect(audit.openSessions == ["gs_3"])
    #expect(audit.result.findings == [])
  }

  @Test("Each place that tells something else is found, with the session to look at")
  func disagreement() {
    let seen = [
      session(nil), session(meter(pc: "PC-9")), session(meter(rate: 36_001)),
      session(meter(start: Instant(milliseconds: 1))), session(meter(billed: 61)),
      session(meter(charged: 601)), session(meter(sequence: 3)), session(meter(), isDue: false),
      session(meter(), isListed: false), session(meter(), onPC: nil),
      session(meter(), of: "gs_1", isDue: false, isListed: false),
      session(nil, of: "gs_1", isDue: true, isListed: false),
      session(nil, of: "gs_1", isDue: false, isListed: true),
      session(nil, of: "gs_1", isDue: false, isListed: false, onPC: "gs_1"),
    ]
    for row in seen {
      var audit = audited()
      audit.check(row)
      #expect(!audit.result.findings.isEmpty, "\(row)")
      let isNamed = audit.result.findings.allSatisfy {
        $0.invariant == .agreement && $0.ids.contains(row.id)
      }
      #expect(isNamed, "\(row)")
    }
  }

  @Test(
    "A cafe whose numbers differ from its lines is found",
    arguments: [
      (93_289, 36_000, 1, 1, []), (93_289, 36_000, 1, 2, []),
      (93_290, 36_000, 1, 1, ["I2 north 1"]), (93_289, 36_001, 1, 1, ["I9 north 0"]),
      (93_289, 36_000, 2, 1, ["I9 north 0"]), (93_289, 36_000, 1, 0, ["I7 north 0"]),
      (-1, 36_000, 1, 1, ["I2 north 93290", "I1 north 93290"]),
    ]
  )
  func cafe(
    balance: Int64,
    spending: Int64,
    live: Int64,
    references: Int64,
    expected: [String]
  ) {
    var audit = audited()
    audit.check(
      LiveCafe(
        id: "north",
        balance: Money(milliGCoin: balance),
        spendingPerHour: spending,
        liveSessions: live,
        references: references
      )
    )
    let result = audit.result
    #expect(result.cafesChecked == 1)
    let texts = result.findings.map {
      "\($0.invariant.rawValue) \($0.ids[0]) \(result.residual.milliGCoin)"
    }
    #expect(texts == expected)
  }

  @Test("A cafe that only the ledger knows, and a ledger that ends too early, are found")
  func missing() {
    var audit = audited()
    audit.check(
      LiveCafe(id: "north", balance: nil, spendingPerHour: 36_000, liveSessions: 1, references: 1)
    )
    audit.check(storedSequence: audit.sequence)
    audit.check(storedSequence: audit.sequence + 1)
    audit.check(storedSequence: audit.sequence + 1)
    #expect(audit.result.findings.map(\.invariant) == [.balance, .numbers])
    #expect(audit.result.findings[1].ids == ["p3#\(audit.sequence)"])
  }
}
