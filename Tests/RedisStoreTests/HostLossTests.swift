import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite("A Redis that lost its hosts", .serialized, .timeLimit(.minutes(15)))
struct HostLossTests {
  private func isWarming(_ outcome: MatchOutcome, seconds: Int64) -> Bool {
    outcome == .warmingUp(retryAfterSeconds: seconds)
  }

  /// Redis forgets its hosts, which takes time.
  private func forget(_ stage: HostStage) async throws {
    _ = try await stage.server.raw("FLUSHALL")
    stage.server.clock.advance(by: .milliseconds(1))
  }

  @Test("On a Redis that was always empty there is none, from the first find on")
  func firstStart() async throws {
    try await HostStage.open { stage in
      let outcomes = [try await stage.find(), try await stage.find(host: "pc")]
      #expect(outcomes == [.noneFree, .noneFree])
    }
  }

  @Test("After a loss clients are asked to wait for one host TTL, then told that there is none")
  func flushed() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      try await forget(stage)
      #expect(try await isWarming(stage.find(), seconds: 30))
      stage.pass(seconds: 10)
      try await stage.beat("pc")
      #expect(try await stage.take().host.text == "pc")
      #expect(try await isWarming(stage.find(), seconds: 20))
      #expect(try await isWarming(stage.find(host: "other"), seconds: 20))
      stage.pass(seconds: 21)
      #expect(try await stage.find() == .noneFree)
    }
  }

  @Test("A Redis that is started again without its data has lost its hosts")
  func restarted() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      try await stage.server.restart()
      stage.server.clock.advance(by: .milliseconds(1))
      try await Waiting.until("the connection", within: .seconds(10)) {
        stage.link.client.isConnected
      }
      #expect(try await isWarming(stage.find(), seconds: 30))
    }
  }

  @Test("An instance that knows the hosts notices the loss also when a new one comes first")
  func newcomerFirst() async throws {
    try await HostStage.open(instances: 3) { stage in
      try await stage.beat("pc")
      _ = try await stage.instances[1].sweep()
      try await forget(stage)
      _ = try await stage.instances[2].sweep()
      stage.pass(seconds: 10)
      #expect(try await isWarming(stage.find(), seconds: 20))
      stage.pass(seconds: 21)
      let late = MatchRequest(regions: [], host: nil, address: "a", idempotencyKey: nil)
      #expect(try await stage.instances[1].find(late) == .noneFree)
      #expect(try await stage.find() == .noneFree)
    }
  }

  @Test("An instance that only ever renewed and found what was there notices the loss as well")
  func quickCallsOnly() async throws {
    try await HostStage.open(instances: 2) { stage in
      try await stage.beat("pc", capacity: 2)
      let find = MatchRequest(regions: [], host: nil, address: "a", idempotencyKey: nil)
      guard case .found = try await stage.instances[1].find(find) else {
        Issue.record("there is a host")
        return
      }
      try await forget(stage)
      #expect(try await isWarming(stage.instances[1].find(find), seconds: 30))
    }
  }

  @Test("A loss is noticed by every call, not only by a find")
  func everyCall() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      for number in 1...4 {
        try await forget(stage)
        switch number {
        case 1: try await stage.beat("other", status: .busy)
        case 2: #expect(try await !stage.setStatus(.idle))
        case 3: _ = try await stage.list()
        default: _ = try await stage.hosts.sweep()
        }
        let newcomer = RedisHosts(link: stage.link)
        let request = MatchRequest(regions: [], host: nil, address: "a", idempotencyKey: nil)
        #expect(try await isWarming(newcomer.find(request), seconds: 30))
      }
    }
  }
}
