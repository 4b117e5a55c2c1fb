import Domain

extension Auditor {
  /// What is wrong in the record of an ended session; nil when nothing is.
  func finding(in report: SessionReport) -> String? {
    guard let session = sessions[report.id], let ending = session.ending else {
      return "\(report.id) is no session that has ended"
    }
    let isRight =
      report.state == .ended && report.endReason == ending.reason
      && report.endedAt == Instant(milliseconds: ending.at)
      && report.startedAt == Instant(milliseconds: session.start)
      && report.firstHeartbeatAt == session.first.map(Instant.init)
      && report.lastHeartbeatAt == Instant(milliseconds: session.beat)
      && report.playSeconds == ending.play && report.billedSeconds == ending.billable
      && report.unbilledGraceSeconds == ending.play - ending.billable - ending.held
      && report.heldSeconds == ending.held && report.charged.milliGCoin == session.charged
      && report.tariff.milliGCoinPerHour == session.rate
    return isRight ? nil : "\(report.id) is recorded as \(report), not as \(session)"
  }
}
