import Support
import Synchronization
import Testing

/// Redis gone or standing still: every endpoint says so soon, nothing is half done, and all goes on
/// when Redis is back.
@Suite(.timeLimit(.minutes(15)))
struct RedisOutageTests {
  private static let limit = Duration.seconds(2)

  /// What a cafe is in the middle of when Redis goes away.
  private struct Evening: Sendable {
    let beaten: Play
    let ended: Play
    let idle: Launcher
    let leaving: Launcher
    let token: String
    let start: SignedStart
  }

  /// The top-ups that were answered.
  private final class Acknowledged: Sendable {
    let refs = Mutex<[String]>([])
  }

  private typealias Request = (
    name: String, send: @Sendable (Duration) async throws -> HTTPSession.Answer
  )

  private func evening(_ stage: Installation) async throws -> Evening {
    let cafe = try await stage.cafe()
    let newcomer = try await cafe.startLauncher(pc: "PC-5")
    return Evening(
      beaten: try await cafe.play(pc: "PC-1"),
      ended: try await cafe.play(pc: "PC-2"),
      idle: try await cafe.startLauncher(pc: "PC-3"),
      leaving: try await cafe.startLauncher(pc: "PC-4"),
      token: try await newcomer.ott(),
      start: cafe.signedStart(pc: "PC-6")
    )
  }

  private func requests(_ evening: Evening, _ stage: Installation) -> [Request] {
    let http = stage.service.http
    let game = ["X-Api-Key": stage.skyfall.key, "Idempotency-Key": "k"]
    let idle = ["Authorization": "Bearer \(evening.idle.token)"]
    let leaving = ["Authorization": "Bearer \(evening.leaving.token)"]
    let admin = ["Authorization": "Bearer \(Installation.adminToken)"]
    let verify = #"{"ott":"\#(evening.token)","provider_user_id":"1001"}"#
    let beat = #"{"game_session_id":"\#(evening.beaten.id)","provider_user_id":"1001"}"#
    let end = #"{"game_session_id":"\#(evening.ended.id)"}"#
    let cafe = evening.idle.cafe.id
    let money = #"{"amount_mgcoin":1000,"ref":"in the outage"}"#
    let start = evening.start
    func call(
      _ http: HTTPSession,
      _ method: String,
      _ path: String,
      _ headers: [String: String],
      _ json: String
    ) -> Request {
      (
        "\(method) \(path)",
        { try await http.send(method, path, headers: headers, json: json, within: $0) }
      )
    }
    return [
      call(http, "POST", Installation.verifyPath, game, verify),
      call(http, "PATCH", Installation.heartbeatPath, game, beat),
      call(http, "DELETE", Installation.endPath, game, end),
      call(http, "POST", SignedStart.path, start.headers, start.body),
      call(http, "POST", "/v1/launcher/ott", idle, #"{"game_id":"tower"}"#),
      call(http, "PATCH", "/v1/launcher/session/heartbeat", idle, "{}"),
      call(http, "DELETE", "/v1/launcher/session/end", leaving, "{}"),
      call(stage.service.management, "GET", "/v1/admin/cafes/\(cafe)", admin, ""),
      call(stage.service.management, "GET", "/v1/admin/sessions", admin, ""),
      call(stage.service.management, "GET", "/v1/admin/games", admin, ""),
      call(stage.service.management, "POST", "/v1/admin/cafes/\(cafe)/topups", admin, money),
    ]
  }

  /// All at once, as an outage meets them.
  private func expectUnavailable(_ requests: [Request]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for request in requests {
        group.addTask {
          let start = ContinuousClock.now
          let answer = try await request.send(.seconds(10))
          let taken = ContinuousClock.now - start
          #expect(taken < Self.limit, "\(request.name) took \(taken)")
          #expect(answer.status == 503, "\(request.name): \(answer.text)")
          guard answer.status == 503 else { return }
          try answer.refusal(503, "UNAVAILABLE")
          let seconds = try #require(answer.header("Retry-After").flatMap { Int($0) })
          #expect((1...60).contains(seconds))
        }
      }
      try await group.waitForAll()
    }
  }

  /// Whatever the outage did to the calls, repeating them leads to the same.
  private func expectGoingOn(_ evening: Evening, _ stage: Installation) async throws {
    let answer = try await stage.verify(evening.token, idempotencyKey: "k").success()
    #expect(try answer.boolean("is_valid"))
    #expect(try await evening.beaten.beat().success().string("result") == "OK")
    #expect(try await [200, 409].contains(evening.ended.end().status))
    _ = try await evening.idle.heartbeat().success()
    #expect(try await [200, 401].contains(evening.leaving.end().status))
    let cafe = evening.idle.cafe
    _ = try await cafe.startLauncher(pc: "PC-6")
    _ = try await cafe.topUp(1_000, ref: "in the outage")
    let money = try await cafe.balance() + charged(stage)
    #expect(money == 1_000_000 + 1_000)
  }

  private func charged(_ stage: Installation) async throws -> Int {
    let sessions = try await stage.admin("GET", "/sessions").success().array("sessions")
    return try sessions.reduce(0) { try $0 + $1.integer("charged_mgcoin") }
  }

  @Test("Redis is killed: 503 everywhere within two seconds, and on it goes after its return")
  func killed() async throws {
    try await Installation.open { stage in
      let evening = try await evening(stage)
      try await stage.redis.kill()
      for _ in 0..<2 { try await expectUnavailable(requests(evening, stage)) }
      #expect(try await stage.service.http.send("GET", "/healthz").status == 200)
      try await stage.redis.restart()
      try await stage.service.waitUntilReady(within: .seconds(15))
      try await expectGoingOn(evening, stage)
    }
  }

  @Test("Redis stands still: 503 everywhere within two seconds, and on it goes after its return")
  func frozen() async throws {
    try await Installation.open { stage in
      let evening = try await evening(stage)
      stage.redis.freeze()
      for _ in 0..<2 { try await expectUnavailable(requests(evening, stage)) }
      #expect(try await stage.service.http.send("GET", "/healthz").status == 200)
      stage.redis.thaw()
      try await stage.service.waitUntilReady(within: .seconds(15))
      try await expectGoingOn(evening, stage)
    }
  }

  @Test("Redis is killed in the middle of top-ups: what was acknowledged is there afterwards")
  func acknowledged() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe(balance: 0)
      let acknowledged = Acknowledged()
      await withTaskGroup(of: Void.self) { group in
        for payer in 0..<4 {
          group.addTask {
            for number in 0..<20 {
              let ref = "ref-\(payer)-\(number)"
              guard (try? await cafe.topUp(100, ref: ref)) != nil else { return }
              acknowledged.refs.withLock { $0.append(ref) }
            }
          }
        }
        group.addTask {
          try? await Waiting.until("some top-ups", within: .seconds(5)) {
            acknowledged.refs.withLock { $0.count } >= 10
          }
          try? await stage.redis.kill()
        }
      }
      try await stage.redis.restart()
      try await stage.service.waitUntilReady(within: .seconds(15))
      let known = acknowledged.refs.withLock { $0 }
      #expect(known.count >= 10)
      #expect(try await cafe.balance() >= known.count * 100)
      for ref in known {
        #expect(try await cafe.topUp(100, ref: ref).boolean("applied") == false)
      }
    }
  }

  @Test("Redis takes no writes: 503, and nothing is half done")
  func readOnly() async throws {
    try await Installation.open { stage in
      let evening = try await evening(stage)
      let before = try await evening.idle.cafe.report()
      _ = try await stage.redis.raw("CONFIG SET min-replicas-to-write 1")
      let writing = requests(evening, stage).filter { !$0.name.hasPrefix("GET") }
      try await expectUnavailable(writing)
      #expect(try await evening.idle.cafe.report() == before)
      _ = try await stage.redis.raw("CONFIG SET min-replicas-to-write 0")
      try await stage.service.waitUntilReady(within: .seconds(15))
      try await expectGoingOn(evening, stage)
    }
  }
}
