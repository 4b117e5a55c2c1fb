import CoreMetrics
import Domain
import RedisStore

/// What the lines of the ledger tell as they are archived.
///
/// Every line comes by here once, at one of the instances, whichever call and whichever instance
/// wrote it. No reply of a script could tell as much: a session is stepped by ticks, heartbeats,
/// top-ups and ends alike.
struct LedgerMetrics: Sendable {
  private let lines: [LedgerKind: Counter]
  private let otherLines: Counter
  private let ends: [EndReason: Counter]
  private let debited: Counter
  private let reversed: Counter
  private let toppedUp: Counter
  private let named: [LedgerKind: Counter]
  private let lag: Gauge
  private let faultyGroups: Gauge

  init(_ factory: any MetricsFactory) {
    func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
      Counter(label: "playmeter_\(name)_total", dimensions: labels, factory: factory)
    }
    func line(_ kind: String) -> Counter { counter("ledger_lines", [("kind", kind)]) }
    lines = LedgerKind.allCases.handles { line($0.rawValue) }
    otherLines = line("other")
    ends = EndReason.allCases.handles { counter("sessions_ended", [("reason", $0.rawValue)]) }
    debited = counter("debited_mgcoin")
    reversed = counter("reversed_mgcoin")
    toppedUp = counter("topped_up_mgcoin")
    named = [
      .start: counter("sessions_started"), .exhausted: counter("sessions_exhausted"),
      .resumed: counter("sessions_resumed"), .reversal: counter("reversals"),
    ]
    lag = Gauge(label: "playmeter_archive_lag_lines", factory: factory)
    faultyGroups = Gauge(label: "playmeter_archive_faulty_groups", factory: factory)
  }

  /// Lines are in the archive.
  func archived(_ archived: [LedgerLine]) {
    for line in archived { count(line) }
  }

  /// How far the archive is.
  ///
  /// - Parameter lag: Lines that are known and not archived.
  func looked(lag: Int64, faultyGroups: Int) {
    self.lag.record(lag)
    self.faultyGroups.record(faultyGroups)
  }

  private func count(_ line: LedgerLine) {
    guard let kind = line.kind else { return otherLines.increment() }
    lines[kind]?.increment()
    named[kind]?.increment()
    let amount = line.amount.milliGCoin
    switch kind {
    case .debit: debited.increment(by: -amount)
    case .reversal: reversed.increment(by: amount)
    case .topup: toppedUp.increment(by: amount)
    case .end: line.text("reason").flatMap(EndReason.init).flatMap { ends[$0] }?.increment()
    case .start, .exhausted, .resumed, .lowBalance, .adjustment, .compensation, .cafeCreated,
      .cafeChanged, .gameCreated, .gameChanged, .suspended, .resumedCafe, .holdOn, .holdOff,
      .outage, .loss, .clock:
      break
    }
  }
}

extension Array where Element: Hashable {
  /// A handle for each element.
  fileprivate func handles<Handle>(_ make: (Element) -> Handle) -> [Element: Handle] {
    Dictionary(uniqueKeysWithValues: map { ($0, make($0)) })
  }
}
