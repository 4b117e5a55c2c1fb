import Domain

/// Times that nobody pays for. What is held is reckoned anew each time, from all holds that there
/// ever were; the service keeps a sum and a short list.
extension Auditor {
  /// What every call of the service begins with: if it was away for too long, that is recorded
  /// before anything is judged.
  mutating func notice(_ partition: Partition, _ pages: inout Pages, _ at: Moment) {
    guard let from = awaySince(partition, at) else { return }
    var line = Line(.outage)
    line.set("reason", "service")
    line.set("held_from", from)
    line.set("held_until", at.now)
    expect([line], &pages)
    holds[partition, default: []].append(AuditedHold(from: from, until: at.now, cafe: nil))
    served[partition] = at.now
  }

  /// Since when the service was away, if that is going to be held.
  func awaySince(_ partition: Partition, _ at: Moment) -> Int64? {
    guard let limit = terms.outage, let served = served[partition], at.now - served > limit else {
      return nil
    }
    return served
  }

  /// A call of a player or of the worker changed something: the service is there.
  mutating func serve(_ partition: Partition, _ at: Moment) {
    if terms.outage != nil { served[partition] = at.now }
  }

  mutating func serve(_ cafe: CafeID, _ at: Moment) { serve(partition(of: cafe), at) }

  func partition(of cafe: CafeID) -> Partition { Partition(of: cafe, count: partitionCount) }

  /// A hold by hand, of a cafe. It is no proof that the service is there.
  mutating func switchHold(
    _ isOn: Bool,
    _ cafe: CafeID,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Answer {
    let partition = partition(of: cafe)
    let present = holds[partition]?.firstIndex { $0.cafe == cafe && $0.until == nil }
    guard isOn == (present == nil) else { return .held(isChanged: false) }
    var line = Line(isOn ? .holdOn : .holdOff, cafe)
    if let present {
      line.set("held_from", holds[partition]?[present].from)
      line.set("held_until", at.now)
      holds[partition]?[present].until = at.now
    } else {
      line.set("held_from", at.now)
      holds[partition, default: []].append(AuditedHold(from: at.now, until: nil, cafe: cafe))
    }
    expect([line], &pages)
    return .held(isChanged: true)
  }

  // MARK: What is held

  /// The seconds of a session up to an instant that nobody pays. A second of which a part is held
  /// is held.
  func held(_ session: AuditedSession, to instant: Int64, _ at: Moment) -> Int64 {
    let time = heldTime(session.cafe, from: session.start, to: instant, at)
    return min((time + 999) / 1000, session.played(to: instant))
  }

  /// The seconds up to an instant that count for money.
  func billable(_ session: AuditedSession, to instant: Int64, _ at: Moment) -> Int64 {
    session.played(to: instant) - held(session, to: instant, at)
  }

  /// When the grace is over: its time stands still while a hold is on. Nil outside grace.
  func deadline(_ session: AuditedSession, _ at: Moment) -> Int64? {
    guard let began = session.graceBegan else { return nil }
    var deadline = began + terms.grace
    while true {
      let held = heldTime(session.cafe, from: began, to: deadline, at)
      if deadline == began + terms.grace + held { return deadline }
      deadline = began + terms.grace + held
    }
  }

  /// When the session's life ends, or has ended, without a heartbeat.
  func life(of session: AuditedSession, _ at: Moment) -> Int64 {
    life(session.beat + terms.sessionTTL, terms.sessionTTL, session.cafe, at)
  }

  func life(of launcher: AuditedLauncher, _ at: Moment) -> Int64 {
    life(launcher.due, terms.launcherTTL, launcher.place.cafe, at)
  }

  func isAlive(_ session: AuditedSession, _ at: Moment) -> Bool {
    at.server <= session.expiry
      || life(of: session, at) > max(at.now, session.beat + terms.sessionTTL)
  }

  func isAlive(_ launcher: AuditedLauncher, _ at: Moment) -> Bool {
    guard !launcher.isRemoved else { return false }
    return at.server <= launcher.expiry || terms.outage != nil && life(of: launcher, at) > at.now
  }

  /// Whatever lives when a hold begins gets one more TTL from its end on.
  private func life(_ ends: Int64, _ ttl: Int64, _ cafe: CafeID, _ at: Moment) -> Int64 {
    let all = holds[partition(of: cafe)] ?? []
    var end = ends
    while true {
      let later = all.filter { $0.covers(cafe) && $0.from < end }
        .map { ($0.until ?? at.now) + ttl }
        .max()
      guard let later, later > end else { return end }
      end = later
    }
  }

  /// Milliseconds between two instants that lie in holds. Between two neighbours of all begins and
  /// ends a hold covers everything or nothing.
  private func heldTime(_ cafe: CafeID, from: Int64, to: Int64, _ at: Moment) -> Int64 {
    let spans = (holds[partition(of: cafe)] ?? [])
      .filter { $0.covers(cafe) && $0.from < to && ($0.until ?? at.now) > from }
      .map { ($0.from, $0.until ?? at.now) }
    guard !spans.isEmpty else { return 0 }
    let cuts = ([from, to] + spans.flatMap { [$0.0, $0.1] })
      .filter { $0 >= from && $0 <= to }
      .sorted()
    return zip(cuts, cuts.dropFirst())
      .reduce(0) { sum, piece in
        let isHeld = spans.contains { $0.0 <= piece.0 && piece.1 <= $0.1 }
        return isHeld ? sum + piece.1 - piece.0 : sum
      }
  }
}
