import Domain
import Support
import Testing

@testable import RedisStore

@Suite("Hosts under many hands", .serialized, .timeLimit(.minutes(15)))
struct HostRaceTests {
  /// 10 clients × 10 finds at once, over all instances.
  private func hundredFinds(_ stage: HostStage) async throws -> [MatchOutcome] {
    try await withThrowingTaskGroup(of: [MatchOutcome].self) { group in
      for client in 0..<10 {
        group.addTask {
          let request = MatchRequest(
            regions: [],
            host: nil,
            address: "203.0.113.\(client)",
            idempotencyKey: nil
          )
          let hosts = stage.instances[client % stage.instances.count]
          var outcomes: [MatchOutcome] = []
          for _ in 0..<10 { outcomes.append(try await hosts.find(request)) }
          return outcomes
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// Ten hosts by the operator, ten by themselves.
  private func drainTwenty(_ stage: HostStage) async throws {
    for number in 1...10 { #expect(try await stage.drain("pc-\(number)")) }
    for number in 11...20 { #expect(try await stage.setStatus(.draining, "pc-\(number)")) }
  }

  private func handedOut(_ outcomes: [MatchOutcome]) -> [String] {
    outcomes.compactMap { if case .found(let match) = $0 { match.host.text } else { nil } }
  }

  private let drained = Set((1...20).map { "pc-\($0)" })

  @Test("100 finds among 100 one-slot hosts, 20 of them drained, get the 80 free slots, each once")
  func drainedBefore() async throws {
    try await HostStage.open(instances: 3) { stage in
      try await stage.beatMany(100)
      try await drainTwenty(stage)
      async let beats: Void = stage.beatMany(100)
      let outcomes = try await hundredFinds(stage)
      try await beats
      let hosts = handedOut(outcomes)
      #expect(hosts.count == 80)
      #expect(Set(hosts).count == 80)
      #expect(drained.isDisjoint(with: hosts))
      #expect(outcomes.filter { $0 == .noneFree }.count == 20)
    }
  }

  @Test(
    "While 20 of them are being drained, 100 finds get each slot once, save those drained first"
  )
  func drainedMeanwhile() async throws {
    try await HostStage.open(instances: 3) { stage in
      try await stage.beatMany(100)
      async let beats: Void = stage.beatMany(100)
      async let drains: Void = drainTwenty(stage)
      let outcomes = try await hundredFinds(stage)
      _ = try await (beats, drains)
      let hosts = handedOut(outcomes)
      #expect(Set(hosts).count == hosts.count)
      // Whatever was left over was drained before a client came for it.
      let all = Set((1...100).map { "pc-\($0)" })
      #expect(all.subtracting(hosts).isSubset(of: drained))
      #expect(outcomes.filter { $0 == .noneFree }.count == 100 - hosts.count)
      try await expectNobodyAfterDrain(stage)
    }
  }

  /// The stream has the order in which things happened.
  private func expectNobodyAfterDrain(_ stage: HostStage) async throws {
    var gone: Set<String> = []
    for event in try await stage.events() {
      switch event.kind {
      case "host_drained", "host_status": gone.insert(event.host)
      case "reservation_pending": #expect(!gone.contains(event.host))
      default: break
      }
    }
    #expect(gone == drained)
  }

  @Test("Of 1,000 clients of three instances one gets the only slot, and 999 get none")
  func oneSlot() async throws {
    try await HostStage.open(instances: 3) { stage in
      try await stage.beat("pc")
      let outcomes = try await withThrowingTaskGroup(of: MatchOutcome.self) { group in
        for client in 0..<1_000 {
          let request = MatchRequest(
            regions: [],
            host: nil,
            address: "client-\(client)",
            idempotencyKey: nil
          )
          group.addTask { try await stage.instances[client % 3].find(request) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(handedOut(outcomes) == ["pc"])
      #expect(outcomes.filter { $0 == .noneFree }.count == 999)
    }
  }

  @Test("A thousand repeats of one find get one reservation, whichever instance answers")
  func oneKey() async throws {
    try await HostStage.open(instances: 3) { stage in
      try await stage.beat("pc", capacity: 64)
      let request = MatchRequest(
        regions: [],
        host: nil,
        address: "203.0.113.7",
        idempotencyKey: "0123456789abcdef"
      )
      let outcomes = try await withThrowingTaskGroup(of: MatchOutcome.self) { group in
        for client in 0..<1_000 {
          group.addTask { try await stage.instances[client % 3].find(request) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.allSatisfy { $0 == outcomes[0] })
      #expect(try await stage.free() == 63)
    }
  }
}
