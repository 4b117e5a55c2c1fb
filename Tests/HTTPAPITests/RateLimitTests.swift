import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The limits of callers")
struct RateLimitTests {
  @Test("A quiet address may send twice the number at once, then as many as come back")
  func burst() {
    let clock = ClockDouble()
    let limiter = RateLimiter<String>(.requests(20, per: .seconds(1)), clock: clock.now)
    for _ in 0..<40 { #expect(limiter.secondsToWait("a") == nil) }
    #expect(limiter.secondsToWait("a") == 1)
    #expect(limiter.secondsToWait("b") == nil)
    clock.move(.milliseconds(49))
    #expect(limiter.secondsToWait("a") == 1)
    clock.move(.milliseconds(1))
    #expect(limiter.secondsToWait("a") == nil)
    #expect(limiter.secondsToWait("a") == 1)
    clock.move(.seconds(60))
    for _ in 0..<40 { #expect(limiter.secondsToWait("a") == nil) }
    #expect(limiter.secondsToWait("a") == 1)
  }

  @Test("The wait is exact: a second less is refused, and then it is admitted")
  func wait() {
    let clock = ClockDouble()
    let limiter = RateLimiter<String>(.requests(6, per: .seconds(60)), clock: clock.now)
    for _ in 0..<12 { #expect(limiter.secondsToWait("a") == nil) }
    #expect(limiter.secondsToWait("a") == 10)
    clock.move(.milliseconds(3500))
    #expect(limiter.secondsToWait("a") == 7)
    clock.move(.milliseconds(6499))
    #expect(limiter.secondsToWait("a") == 1)
    clock.move(.milliseconds(1))
    #expect(limiter.secondsToWait("a") == nil)
    #expect(limiter.secondsToWait("a") == 10)
  }

  @Test("A steady caller within the limit is never refused, whenever the table turns")
  func steady() {
    let clock = ClockDouble()
    let limiter = RateLimiter<String>(.requests(10, per: .seconds(1)), clock: clock.now)
    for _ in 0..<1000 {
      #expect(limiter.secondsToWait("a") == nil)
      clock.move(.milliseconds(100))
    }
  }

  @Test("A caller above the limit gets exactly the burst and the limit, whenever the table turns")
  func greedy() {
    let clock = ClockDouble()
    let limiter = RateLimiter<String>(.requests(10, per: .seconds(1)), clock: clock.now)
    var admitted = 0
    for _ in 0..<10_000 {
      if limiter.secondsToWait("a") == nil { admitted += 1 }
      clock.move(.milliseconds(7))
    }
    // 20 at once and 10 in each of the 70 s, whose last 7 ms come after the last request.
    #expect(admitted == 719)
  }

  @Test("However many addresses call, the table stays bounded")
  func bound() {
    let clock = ClockDouble()
    let limit = RateLimit.requests(1, per: .seconds(3600))
    let limiter = RateLimiter<String>(limit, maximumCallers: 100, clock: clock.now)
    for number in 0..<1000 {
      #expect(limiter.secondsToWait("\(number)") == nil)
      #expect(limiter.callerCount <= 200)
    }
  }

  @Test("Who makes others push it out of the table gains one burst for each generation of them")
  func forgetting() {
    let clock = ClockDouble()
    let limit = RateLimit.requests(1, per: .seconds(3600))
    let limiter = RateLimiter<Int>(limit, maximumCallers: 100, clock: clock.now)
    var admitted = 0
    for other in 1...10_000 {
      for _ in 0..<5 where limiter.secondsToWait(0) == nil { admitted += 1 }
      #expect(limiter.secondsToWait(other) == nil)
    }
    // A burst is two; ten thousand others are a hundred generations.
    #expect(admitted <= 2 + 2 * 100)
    var restrained = 0
    for other in 10_001...10_099 {
      #expect(limiter.secondsToWait(other) == nil)
      if limiter.secondsToWait(0) == nil { restrained += 1 }
    }
    #expect(restrained <= 2)
  }

  @Test("Nobody is limited when the limit is off")
  func off() {
    let limiter = RateLimiter<String>(.off, clock: ClockDouble().now)
    for _ in 0..<1000 { #expect(limiter.secondsToWait("a") == nil) }
    #expect(limiter.callerCount == 0)
  }

  @Test(
    "Searches, lists and refused secrets count against the address; hosts do not",
    arguments: [
      (.post, "/api/match/find", "", 200), (.get, "/api/hosts", "", 200),
      (.get, "/api/hosts/ttl", "", 200), (.post, "/api/host/heartbeat", "", 401),
      (.post, "/api/host/status", "Bearer wrong", 403),
      (.delete, "/api/host/pc-1", "Bearer wrong", 403),
    ] as [(HTTPRequest.Method, String, String, Int)]
  )
  func counted(
    method: HTTPRequest.Method,
    path: String,
    authorization: String,
    status: Int
  ) async throws {
    let clock = ClockDouble()
    let api = PublicAPI.ofHosts(clock: clock, perAddress: .requests(1, per: .seconds(60)))
    let client = api.client([.authorization: authorization])
    for _ in 0..<2 { #expect(try await client.send(method, path).status == status) }
    let refused = try await client.send(method, path)
    #expect((refused.status, refused.fields[.retryAfter]) == (429, "60"))
    #expect(refused.document["success"] == false)
    #expect(refused.document["error"] == "Too many requests; try again later.")
    #expect(refused.fields[.accessControlAllowOrigin] == "*")
    #expect((refused.document["found"] == false) == (path == HostRoutes.findPath))
    // Another address is free, and so is a host behind this one.
    #expect(try await client.send(method, path, peer: "203.0.113.10").status == status)
    let beat = try await client.send(
      .post,
      "/api/host/heartbeat",
      fields: Client.host,
      body: #"{"hostId":"a","roomId":"r"}"#
    )
    #expect(beat.status == 200)
    clock.move(.seconds(60))
    #expect(try await client.send(method, path).status == status)
  }

  @Test("The limit comes before the content type and the body")
  func order() async throws {
    let api = PublicAPI.ofHosts(perAddress: .requests(1, per: .seconds(60)))
    for _ in 0..<2 {
      #expect(try await api.client().send(.post, "/api/match/find", body: "{").status == 415)
    }
    #expect(try await api.client().send(.post, "/api/match/find", body: "{").status == 429)
  }

  @Test("Confirming and releasing are not limited: a slot must always come back")
  func settling() async throws {
    let api = PublicAPI.ofHosts(perAddress: .requests(1, per: .seconds(60)))
    for verb in ["confirm", "release", "confirm", "release"] {
      let path = "/api/match/\(Sample.match.reservation)/\(verb)"
      #expect(try await api.client().send(.post, path).status == 200)
    }
  }
}
