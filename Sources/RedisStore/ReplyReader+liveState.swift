import Domain
import Ledger

extension ReplyReader {
  /// One row of `audit_sessions`.
  mutating func liveSession() throws(ServiceFault) -> LiveSession {
    let id = try text()
    let meter = try liveMeter()
    let isAlive = try integer() == 1
    let isDue = try integer() == 1
    let isListed = try integer() == 1
    let session = try text()
    return LiveSession(
      id: id,
      meter: meter,
      isAlive: isAlive,
      isDue: isDue,
      isListed: isListed,
      sessionOnPC: session.isEmpty ? nil : session
    )
  }

  /// One row of `audit_cafes`.
  mutating func liveCafe() throws(ServiceFault) -> LiveCafe {
    LiveCafe(
      id: try text(),
      balance: Int64(stored: try text()).map(Money.init(milliGCoin:)),
      spendingPerHour: try number(),
      liveSessions: try integer(),
      references: try integer()
    )
  }

  private mutating func liveMeter() throws(ServiceFault) -> LiveMeter? {
    let (cafe, pc, game) = (try text(), try text(), try text())
    let meter = LiveMeter(
      cafe: cafe,
      pc: pc,
      game: game,
      rate: try number(),
      startedAt: Instant(milliseconds: try number()),
      lastHeartbeatAt: Instant(milliseconds: try number()),
      billedSeconds: try number(),
      charged: Money(milliGCoin: try number()),
      sequence: try number()
    )
    return cafe.isEmpty ? nil : meter
  }

  /// A number that may be missing or none: −1 then, which fits no ledger, so that the fault is
  /// found where it is compared instead of ending the audit.
  private mutating func number() throws(ServiceFault) -> Int64 {
    Int64(stored: try text()) ?? -1
  }
}
