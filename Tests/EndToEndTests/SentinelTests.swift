import Domain
import RedisStore
import Support
import Synchronization
import Testing

/// Redis with replicas and three Sentinels; the master dies under load.
@Suite(.timeLimit(.minutes(15)))
struct SentinelTests {
  /// From the master's death to the promotion of a replica: the Sentinels wait, agree and vote, and
  /// after an unlucky vote once more.
  private static let patience = Duration.seconds(30)

  /// Top-ups that were answered, and when the last one failed.
  private final class Answers: Sendable {
    private struct State {
      var acknowledged: [String] = []
      var firstAfter: [ContinuousClock.Instant] = []
    }

    private let state = Mutex(State())

    var acknowledged: [String] { state.withLock { $0.acknowledged } }

    func note(_ ref: String) {
      state.withLock { state in
        state.acknowledged.append(ref)
        state.firstAfter.append(.now)
      }
    }

    /// When the first answer came after an instant.
    func first(after instant: ContinuousClock.Instant) -> ContinuousClock.Instant? {
      state.withLock { $0.firstAfter.first { $0 > instant } }
    }
  }

  /// Tops a cafe up again and again until it is cancelled, each amount until it is answered.
  private func topUp(_ cafe: Cafe, _ name: String, _ answers: Answers) async throws {
    var number = 0
    while !Task.isCancelled {
      let ref = "\(name)-\(number)"
      let json = #"{"amount_mgcoin":1,"ref":"\#(ref)"}"#
      let answer = try? await cafe.stage.admin("POST", "/cafes/\(cafe.id)/topups", json)
      if answer?.status == 200 {
        answers.note(ref)
        number += 1
      }
      try? await Task.sleep(for: .milliseconds(answer?.status == 200 ? 1 : 20))
    }
  }

  @Test("The master is killed under load: back within 2 s of the switch, and nothing is amiss")
  func killed() async throws {
    let settings = ["PLAYMETER_REDIS_REPLICAS": "1"]
    let redis = ["min-replicas-to-write": "1", "min-replicas-max-lag": "2"]
    try await Installation.openReplicated(redis: redis, settings: settings) { stage, redis in
      let cafes = [try await stage.cafe(), try await stage.cafe()]
      let play = try await cafes[0].play(stage.tower)
      let answers = Answers()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, cafe) in cafes.enumerated() {
          for worker in 0..<3 {
            group.addTask { try await topUp(cafe, "\(index)-\(worker)", answers) }
          }
        }
        try await Waiting.until("load", within: .seconds(20)) { answers.acknowledged.count > 50 }
        let former = redis.servers[0]
        try await former.kill()
        let new = try await redis.awaitSwitch(from: former)
        let switched = ContinuousClock.now
        #expect(new.port != former.port)
        // The other replica must be the new master's, too, before anything is on a replica.
        try await Waiting.until("a replica", within: Self.patience) {
          try await new.onlineReplicas >= 1
        }
        let replicated = ContinuousClock.now
        try await Waiting.until("an answer", within: Self.patience) {
          answers.first(after: switched) != nil
        }
        let back = ContinuousClock.now - max(switched, replicated)
        #expect(back < .seconds(2), "\(back)")
        try await stage.service.waitUntilReady()
        group.cancelAll()
        try await group.waitForAll()
      }
      _ = try await play.beat().success()
      _ = try await play.end().success()
      // What was answered is there, and repeated it is not booked twice.
      let balances = try await cafes.asyncMap { try await $0.balance() }
      for ref in answers.acknowledged {
        let cafe = cafes[ref.hasPrefix("0-") ? 0 : 1]
        _ = try await cafe.topUp(1, ref: ref)
      }
      let again = try await cafes.asyncMap { try await $0.balance() }
      #expect(again == balances)
    }
  }

  @Test("What a promoted replica never had is named, and nothing is billed on it until accepted")
  func lossWindow() async throws {
    try await Installation.openReplicated { stage, redis in
      let cafe = try await stage.cafe()
      try await stage.waitUntilArchived()
      let former = redis.servers[0]
      // The replicas hear nothing more, and the service goes on: that is asynchronous replication.
      // What is on its way to a replica that stands still would reach it later.
      for replica in redis.servers.dropFirst() { replica.freeze() }
      _ = try await former.raw("CLIENT KILL TYPE replica")
      for number in 0..<20 { _ = try await cafe.topUp(1_000, ref: "lost \(number)") }
      let partition = Partition(
        of: try #require(CafeID(cafe.id)),
        count: Installation.partitionCount
      )
      try await stage.waitUntilArchived()
      try await former.kill()
      for replica in redis.servers.dropFirst() { replica.thaw() }
      _ = try await redis.awaitSwitch(from: former)
      try await Waiting.until("the reason why it is not ready", within: Self.patience) {
        let answer = try await stage.service.http.send("GET", "/readyz")
        return answer.status == 503 && answer.text.contains("went back in time")
          && answer.text.contains("partition \(partition.number) ends at seq")
      }
      let refused = try await stage.admin(
        "POST",
        "/cafes/\(cafe.id)/topups",
        #"{"amount_mgcoin":1,"ref":"while refused"}"#
      )
      #expect(refused.status == 503)
      // The archive has every line, so nothing at all is lost.
      let restored = try await stage.command(["ledger", "restore", "--json"])
      #expect(restored.status == 0, "\(restored.standardError)")
      try await stage.service.waitUntilReady()
      #expect(try await cafe.balance() == 1_020_000)
      _ = try await cafe.topUp(1_000, ref: "lost 7")
      #expect(try await cafe.balance() == 1_020_000)
    }
  }

  @Test("With a replica demanded, what no replica has is not acknowledged, and is booked once")
  func unreplicated() async throws {
    let settings = [
      "PLAYMETER_REDIS_REPLICAS": "1", "PLAYMETER_REDIS_DURABILITY": "relaxed",
    ]
    try await Installation.openReplicated(replicas: 1, settings: settings) { stage, redis in
      let cafe = try await stage.cafe()
      let play = try await stage.cafe().play(stage.tower)
      let replica = redis.servers[1]
      replica.freeze()
      let path = "/cafes/\(cafe.id)/topups"
      let money = #"{"amount_mgcoin":500,"ref":"r"}"#
      let start = ContinuousClock.now
      for _ in 0..<2 { try await stage.admin("POST", path, money).refusal(503, "UNAVAILABLE") }
      #expect(ContinuousClock.now - start < .seconds(4))
      try await stage.end(play.id, stage.tower).refusal(503, "UNAVAILABLE")
      let command = ["cafe", "topup", "--id", cafe.id, "--amount", "0.5", "--ref", "r"]
      let refused = try await stage.command(command)
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("not on 1 replicas within 1 s; repeat it"))
      // Reads and heartbeats do not wait for anybody.
      _ = try await cafe.report()
      replica.thaw()
      try await Waiting.until("the replica", within: Self.patience) {
        try await stage.admin("POST", path, money).status == 200
      }
      #expect(try await cafe.balance() == 1_000_500)
      let there = try await replica.raw("GET \(try cafe.key("account:\(cafe.id)"))")
      #expect(there.contains("\r\n1000500 "))
      try await stage.end(play.id, stage.tower).refusal(409, "ALREADY_ENDED")
    }
  }

  @Test("Under strict a master that would write without its replicas is refused")
  func minReplicas() async throws {
    let settings = ["PLAYMETER_REDIS_REPLICAS": "1"]
    let redis = ["min-replicas-to-write": "1"]
    try await Installation.openReplicated(
      replicas: 1,
      redis: redis,
      settings: settings
    ) { stage, redis in
      _ = try await redis.servers[0].raw("CONFIG SET min-replicas-to-write 0")
      try await Waiting.until("the fault", within: .seconds(10)) {
        let answer = try await stage.service.http.send("GET", "/readyz")
        return answer.status == 503 && answer.text.contains("min-replicas-to-write 0")
      }
      let check = try await stage.command(["check"])
      #expect(check.status == 1)
      #expect(check.standardOutput.contains("CONFIG SET min-replicas-to-write 1"))
      _ = try await redis.servers[0].raw("CONFIG SET min-replicas-to-write 1")
      try await stage.service.waitUntilReady()
    }
  }
}

extension Array {
  fileprivate func asyncMap<Result>(
    _ transform: (Element) async throws -> Result
  ) async throws -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
