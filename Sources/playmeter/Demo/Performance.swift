import Domain

/// The whole evening, from the first launcher to the verdict.
struct Performance: Sendable {
  /// After its last cue the evening may take so many beats more: a session that nobody beats any
  /// more ends within its TTL and a tick, which is a few beats with sensible settings.
  private static let patienceBeats = 20.0
  /// How often the operator looks at the cafes; often enough to see a balance fall.
  private static let lookInterval = Duration.milliseconds(500)
  /// Often enough for a stop watch.
  private static let drawInterval = Duration.milliseconds(200)

  let evening: Evening
  let credentials: DemoCredentials
  let http: DemoHTTP
  let desk: DemoOperator
  let stage: Stage
  /// The host API; nil where the service takes no hosts.
  var hosts: DemoHosts?

  /// Performs, waits until all sessions have ended, and judges.
  func perform() async throws -> Verdict {
    let tariffs = try await tariffs()
    try await requireNoHosts()
    let launchers = try await startLaunchers()
    let beat = launchers.first?.first?.started.nextHeartbeat ?? .zero
    await stage.set(beat: beat)
    let timeline = Timeline(start: .now, beat: beat)
    let cafes = evening.cafes.indices.map { cafePerformance($0, timeline) }
    let openings = try await open(cafes, tariffs)
    try await perform(cafes, pcs(launchers, timeline), timeline)
    return try await verdict(openings, tariffs)
  }

  /// Runs everything at once until the last session has ended. The first failure ends it all.
  private func perform(
    _ cafes: [CafePerformance],
    _ pcs: [PCPerformance],
    _ timeline: Timeline
  ) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await draw() }
      group.addTask { try await watch() }
      group.addTask { try await giveUp(after: timeline) }
      group.addTask { try await performParts(cafes, pcs, timeline) }
      while try await group.next() == false {}
    }
    await stage.draw()
  }

  /// Performs all parts; true when all sessions have ended.
  private func performParts(
    _ cafes: [CafePerformance],
    _ pcs: [PCPerformance],
    _ timeline: Timeline
  ) async throws -> Bool {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for cafe in cafes { group.addTask { try await cafe.perform() } }
      for pc in pcs {
        group.addTask {
          var pc = pc
          try await pc.perform()
        }
      }
      for host in hostPerformances(timeline) { group.addTask { try await host.perform() } }
      for client in clientPerformances(timeline) {
        group.addTask { try await client.perform() }
      }
      for try await _ in group {}
    }
    while await !stage.isOver { try await Task.sleep(for: Self.drawInterval) }
    return true
  }

  private func draw() async throws -> Bool {
    while true {
      await stage.draw()
      try await Task.sleep(for: Self.drawInterval)
    }
  }

  private func giveUp(after timeline: Timeline) async throws -> Bool {
    try await timeline.wait(for: evening.lastBeat + Self.patienceBeats)
    throw DemoError.neverEnded(await stage.livePCs)
  }

  /// Looks at the cafes as their operator does.
  private func watch() async throws -> Bool {
    while true {
      for (index, cafe) in credentials.cafes.enumerated() {
        do {
          try await look(at: cafe.id, index)
        } catch let error as DemoError where error.isPassing {
          // The next look will do.
        }
      }
      try await lookAtHosts()
      try await Task.sleep(for: Self.lookInterval)
    }
  }

  private func look(at cafe: CafeID, _ index: Int) async throws {
    let account = try await desk.account(of: cafe)
    let sessions = try await desk.sessions(of: cafe)
    for part in await stage.observe(account, sessions, cafe: index) {
      let session = try await desk.session(part.session)
      await stage.note(session.ending, at: part.seat)
    }
  }
}

extension SessionEvidence {
  /// How a session ended, as an event.
  fileprivate var ending: String {
    let reversal = reversed > .zero ? ", \(reversed.gCoinText) credited back" : ""
    let unbilled = unbilledSeconds > 0 ? ", \(unbilledSeconds) s unbilled" : ""
    return "\(user)'s session has ended: \(reason?.rawValue ?? "?"), "
      + "\(billedSeconds) s for \(charged.gCoinText)" + reversal + unbilled
  }
}
