import Audit
import Domain
import RedisStore
import Support
import Testing

/// The service at work and away. Time passes in steps that are shorter than any outage that is
/// held.
extension Cafe {
  /// Opens a cafe whose every second costs 10 mgcoin, with an outage hold of 60 s.
  static func openHolding(
    balance: Int64 = 1_000_000,
    _ body: (Cafe) async throws -> Void
  ) async throws {
    try await open(balance: balance, rate: 36_000, outageHold: .seconds(60), body)
  }

  /// Lets time pass with the worker at work. Whoever is given sends heartbeats at the end.
  func serve(
    _ seconds: Int64,
    _ launcher: LauncherSessionID? = nil,
    _ session: GameSessionID? = nil
  ) async throws {
    var left = seconds
    while left > 0 {
      let stride = min(30, left)
      pass(seconds: stride)
      left -= stride
      try await bill()
    }
    if let launcher { #expect(try await launchers.heartbeat(launcher) != nil) }
    if let session { _ = try await pulse(session) }
  }

  /// The pulse of a session that must be alive; the heartbeat renews it.
  @discardableResult
  func pulse(_ session: GameSessionID) async throws -> Pulse {
    let outcome = try await beat(session)
    guard case .alive(let pulse) = outcome else {
      throw SupportError("\(session) is not alive: \(outcome)")
    }
    return pulse
  }

  /// The lines of one kind in the cafe's partition.
  func lines(_ kind: LedgerKind) async throws -> [LedgerLine] {
    try await link.ledgerLines(in: partition).filter { $0.kind == kind }
  }

  /// What a session that has ended shows: its reason, and how its seconds were counted.
  func expect(
    _ session: GameSessionID,
    _ reason: EndReason,
    play: Int64,
    billed: Int64,
    held: Int64,
    _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let report = try await report(session)
    #expect(report.endReason == reason, sourceLocation: location)
    #expect(report.playSeconds == play, sourceLocation: location)
    #expect(report.billedSeconds == billed, sourceLocation: location)
    #expect(report.heldSeconds == held, sourceLocation: location)
    #expect(report.charged.milliGCoin == billed * 10, sourceLocation: location)
  }
}
