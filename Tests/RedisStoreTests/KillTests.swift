import Audit
import Domain
import RedisClient
import RedisStore
import Simulation
import Support
import Testing

/// `kill -9` of Redis with `appendfsync always`, which is the project's configuration.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct KillTests {
  private static let pcs = 12
  private static let rounds = 4

  /// What was answered before Redis died.
  private struct Answered: Sendable {
    var references: [String] = []
    var started: [GameSessionID] = []
    var ended: [GameSessionID] = []

    mutating func add(_ other: Answered) {
      references += other.references
      started += other.started
      ended += other.ended
    }
  }

  @Test("Every answer that was given is in the ledger after the crash")
  func answersSurvive() async throws {
    try await Stage.open { stage in
      let instance = try await stage.startInstance("one")
      let scene = try await CrashScene.furnish(stage, instance, topUp: 1_000_000_000)
      var answered = Answered()
      for round in 0..<Self.rounds {
        let batch = try await withThrowingTaskGroup(of: Answered.self) { group in
          for pc in 0..<Self.pcs {
            group.addTask { await play(pc, round, scene, instance) }
          }
          // Some dozen answers later, at an instant that nobody chose.
          try await Task.sleep(for: .milliseconds(.random(in: 20...60)))
          try await stage.server.kill()
          group.cancelAll()
          try await stage.server.restart()
          return try await group.reduce(into: Answered()) { $0.add($1) }
        }
        answered.add(batch)
        try await waitUntilConnected(instance, stage)
      }
      #expect(answered.references.count > Self.rounds)
      try await expect(answered, in: stage, scene.partition)
      let seen = try #require(instance.link.watermark.highest(of: scene.partition))
      let last = try await stage.observer.ledgerLines(in: scene.partition).last
      #expect(try #require(last).sequence >= seen)
      let findings = try await Audit.findings(stage.observer)
      #expect(findings == [])
    }
  }

  @Test("Half a script that a crash left on disk is never applied")
  func halfScript() async throws {
    try await Stage.open { stage in
      let instance = try await stage.startInstance("one")
      let scene = try await CrashScene.furnish(stage, instance)
      for name in ["lost", "kept", "last"] {
        let entry = BalanceEntry.topup(Money(milliGCoin: 1), ref: BookingReference(name)!)
        _ = try await instance.administration.book(entry, for: scene.cafe)
        try await stage.server.kill()
        // The end of the ledger line and the EXEC after it.
        if name == "lost" { try stage.server.cutAppendOnlyFile(by: 20) }
        try await stage.server.restart()
        try await waitUntilConnected(instance, stage)
      }
      #expect(try await instance.administration.cafe(scene.cafe).balance.milliGCoin == 1_000_002)
      #expect(try await Audit.findings(stage.observer) == [])
    }
  }

  private func waitUntilConnected(_ instance: Instance, _ stage: Stage) async throws {
    try await instance.link.client.waitUntilConnected(within: .seconds(10))
    try await stage.observer.client.waitUntilConnected(within: .seconds(10))
  }

  /// Visits and top-ups on one PC until something goes wrong.
  private func play(
    _ pc: Int,
    _ round: Int,
    _ scene: CrashScene,
    _ instance: Instance
  ) async -> Answered {
    var answered = Answered()
    for visit in 0..<200 where !Task.isCancelled {
      let name = "\(round)-\(pc)-\(visit)"
      let entry = BalanceEntry.topup(Money(milliGCoin: 1), ref: BookingReference(name)!)
      guard case .booked = await instance.perform(.book(scene.cafe, entry)) else { break }
      answered.references.append(name)
      let start = Call.startLauncher(scene.cafe, PCID("PC-\(pc)")!, nonce: "nonce-\(name)")
      guard case .launcher(.started(let launcher)) = await instance.perform(start),
        case .token(.issued(let token)) = await instance.perform(.token(launcher, scene.game))
      else { break }
      let request = scene.request(token, key: name)
      guard case .verified(.started(let session)) = await instance.perform(.verify(request))
      else { break }
      answered.started.append(session)
      let end = Call.end(session, scene.game.id, request: name)
      guard case .end(.ended) = await instance.perform(end) else { break }
      answered.ended.append(session)
    }
    return answered
  }

  private func expect(
    _ answered: Answered,
    in stage: Stage,
    _ partition: Partition
  ) async throws {
    var references: Set<String> = []
    var started: Set<String> = []
    var ended: Set<String> = []
    for line in try await stage.observer.ledgerLines(in: partition) {
      let session = line.text("game_session_id") ?? ""
      if line.kind == .topup { references.insert(line.text("ref") ?? "") }
      if line.kind == .start { started.insert(session) }
      if line.kind == .end { ended.insert(session) }
    }
    #expect(references.isSuperset(of: answered.references))
    #expect(started.isSuperset(of: answered.started.map(\.description)))
    #expect(ended.isSuperset(of: answered.ended.map(\.description)))
  }
}
