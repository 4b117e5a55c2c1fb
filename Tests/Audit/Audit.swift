import Domain
import RedisClient
import RedisStore

/// Checks a whole installation against the invariants of metered play, from the ledger and the keys
/// as they lie in Redis. It shares no code with the scripts that wrote them.
///
/// The findings are sentences; none means that all holds. Run it when no request is under way.
public struct Audit {
  let link: RedisLink
  let heartbeatInterval: Int64
  let lines: (@Sendable (Partition) async throws -> [LedgerLine])?
  var findings: [String] = []

  /// Audits everything behind a link.
  ///
  /// - Parameters:
  ///   - heartbeatInterval: In milliseconds, as the service is set.
  ///   - lines: Where a partition's lines come from; the stream in Redis, unless they are archived.
  public static func findings(
    _ link: RedisLink,
    heartbeatInterval: Int64 = 120_000,
    lines: (@Sendable (Partition) async throws -> [LedgerLine])? = nil
  ) async throws -> [String] {
    var audit = Audit(link: link, heartbeatInterval: heartbeatInterval, lines: lines)
    for partition in link.keys.partitions {
      try await audit.check(partition)
    }
    return audit.findings
  }

  private mutating func check(_ partition: Partition) async throws {
    let lines = try await ledgerLines(of: partition)
    let state = try await PartitionState(link, partition)
    guard !lines.isEmpty || !state.isEmpty else { return }
    checkNumbers(lines, state)
    checkBalances(lines, state)
    let steps = lines.filter { $0.kind != .compensation }
    let sessions = Dictionary(grouping: steps) { $0.text("game_session_id") ?? "" }
      .filter { !$0.key.isEmpty }
      .mapValues { Story(lines: $0) }
    let holds = HeldTimes(lines)
    for (id, story) in sessions {
      checkStory(id, story)
      checkEnd(id, story, holds)
      checkHeld(id, story, holds)
    }
    checkPlaces(sessions)
    checkAgreement(sessions, state)
  }

  private func ledgerLines(of partition: Partition) async throws -> [LedgerLine] {
    if let lines { return try await lines(partition) }
    return try await link.ledgerLines(in: partition)
  }

  mutating func expect(_ isTrue: Bool, _ finding: @autoclosure () -> String) {
    if !isTrue { findings.append(finding()) }
  }

  /// Numbers from 1 without a gap that no line names, times that never go back, identifiers made of
  /// both.
  private mutating func checkNumbers(_ lines: [LedgerLine], _ state: PartitionState) {
    var last = Instant(milliseconds: 0)
    var next: Int64 = 1
    for line in lines {
      if line.kind == .loss {
        expect(line.integer("from_seq") == next, "line \(line.sequence) names another gap")
        next = (line.integer("to_seq") ?? 0) + 1
      }
      expect(line.sequence == next, "line \(next) has seq \(line.sequence)")
      next += 1
      expect(line.instant >= last, "line \(line.sequence) is earlier than the one before")
      let id = "\(line.instant.milliseconds)-\(line.sequence)"
      expect(line.streamID == id, "line \(line.sequence) has the id \(line.streamID)")
      last = line.instant
    }
    expect(state.sequence == next - 1, "clock says seq \(state.sequence)")
  }

  /// I1 and I2: no balance below zero, each the sum of what its lines did.
  private mutating func checkBalances(_ lines: [LedgerLine], _ state: PartitionState) {
    var sums: [String: Int64] = [:]
    for line in lines {
      guard let cafe = line.text("cafe_id") else { continue }
      sums[cafe, default: 0] += line.amount.milliGCoin
      let stated = line.integer("balance_mgcoin")
      expect(
        stated == nil || stated == sums[cafe],
        "I2: line \(line.sequence) states the balance \(stated ?? 0), not \(sums[cafe] ?? 0)"
      )
      expect((sums[cafe] ?? 0) >= 0, "I1: \(cafe) below zero at line \(line.sequence)")
    }
    for (cafe, row) in state.cafes {
      let balance = row["balance"].flatMap { Int64($0) }
      expect(balance == sums[cafe, default: 0], "I2: \(cafe) has \(row), lines \(sums)")
    }
  }
}
