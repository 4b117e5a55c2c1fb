import Domain

/// A world in which the service is away at times and operators hold what they like.
extension Simulation {
  /// While anybody is there the worker looks at a partition so often, as a real one does every
  /// second: else each pause would be an outage. With the worker's longest lag it is not quite the
  /// 60 s that are held.
  static let presence: Int64 = 38_000
  /// How long all instances are away: mostly long enough to be held.
  private static let absences: ClosedRange<Int64> = 30_000...900_000
  private static let soon: Int64 = 80_000

  /// Whether outages are held.
  var hasHolds: Bool { stage.timings.outageHold != nil }

  /// All instances are away for a while, in which somebody plays; everybody who calls them tries
  /// again when they are back. Now and then an operator ends a session meanwhile, most often before
  /// it is long enough to be held.
  mutating func goAway() {
    agenda.add(.goAway, at: after(faultRandom.number(300_000...2_400_000)))
    let playing = seats.compactMap { auditor.places[$0.place]?.session }
    guard !playing.isEmpty else { return }
    let absence = faultRandom.number(Self.absences)
    awayUntil = after(absence)
    guard faultRandom.isLikely(30) else { return }
    let session = faultRandom.one(of: playing)
    agenda.add(.endByHand(session), at: after(faultRandom.number(1...Self.soon)))
  }

  /// Whether an action needs the service, which is away. What operators do by hand does not.
  func mustWait(_ action: Action) -> Bool {
    guard now < awayUntil else { return false }
    switch action {
    case .operate, .book, .resume, .enable, .endByHand, .beginHold, .endHold, .goAway: return false
    case .arrive, .launcherBeat, .choose, .verify, .beat, .fate, .end, .endLauncher, .bill:
      return true
    }
  }

  mutating func postpone(_ action: Action) {
    agenda.add(action, at: awayUntil + faultRandom.number(1...20_000))
  }

  /// An operator holds a cafe for a while.
  mutating func hold(_ cafe: CafeID) async throws {
    _ = try await make(.hold(true, cafe))
    agenda.add(.endHold(cafe), at: after(random.number(5_000...1_800_000)))
  }

  mutating func endHold(_ cafe: CafeID) async throws {
    if case .unknown = try await make(.hold(false, cafe)) {
      agenda.add(.endHold(cafe), at: after(2_000))
    }
  }
}

extension Auditor {
  /// Whether anybody sits at a PC of the partition.
  func isOccupied(_ partition: Partition) -> Bool {
    places.contains { place, occupants in
      (occupants.launcher != nil || occupants.session != nil)
        && self.partition(of: place.cafe) == partition
    }
  }
}
