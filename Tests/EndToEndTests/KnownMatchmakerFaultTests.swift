import Support
import Testing

/// The faults of the known open-source matchmaker with this API, one test each, in its numbering.
/// Each uses a region of its own. Three are told below HTTP, where they are cheaper to bring about:
///
/// * 7, a host of the wanted region among many is found by chance only: `HostChoiceTests`, "One
///   host of the wanted region among 1,001 is always found".
/// * 8, each find asks the TTL of every host: `HostSweepTests`, "A find takes as many commands
///   among 100,000 hosts as among 100".
/// * 9, a host that registers again during the sweep is lost: `HostSweepTests`, "Hosts that
///   register again during the sweep are kept, and each death is told once".
@Suite(
  "Faults of the known matchmaker",
  .serialized,
  .timeLimit(.minutes(15)),
  .installation(settings: Installation.unlimitedHostSettings)
)
struct KnownMatchmakerFaultTests {
  /// Searches of so many clients at once.
  private func finds(
    _ count: Int,
    in region: String,
    _ stage: Installation
  ) async throws -> [HTTPSession.Answer] {
    try await withThrowingTaskGroup(of: HTTPSession.Answer.self) { group in
      for _ in 0..<count { group.addTask { try await stage.findHost(in: region) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  @Test("1. Finds at the same time never get the same slot")
  func sameSlot() async throws {
    let stage = try Installation.shared
    for number in 1...8 { try await stage.hostBeat("a-\(number)", in: "region-1").hostSuccess() }
    let matches = try await finds(60, in: "region-1", stage).filter { $0.status == 200 }
    let hosts = try matches.map { try $0.match().string("hostId") }
    #expect(hosts.sorted() == (1...8).map { "a-\($0)" })
    #expect(try Set(matches.map { try $0.json.string("reservationId") }).count == 8)
  }

  @Test("2. Who loses a race for a slot hears 404, not 500")
  func lostRace() async throws {
    let stage = try Installation.shared
    for round in 1...5 {
      try await stage.hostBeat("b-\(round)", in: "region-2").hostSuccess()
      let statuses = try await finds(20, in: "region-2", stage).map(\.status)
      #expect(statuses.sorted() == [200] + Array(repeating: 404, count: 19))
    }
  }

  @Test("3. A heartbeat that says idle a second after the match leaves the host in play")
  func idleAfterMatch() async throws {
    let stage = try Installation.shared
    try await stage.hostBeat("c", in: "region-3").hostSuccess()
    let match = try await stage.findHost(in: "region-3").match()
    stage.pass(seconds: 1)
    let idle = #""status":"idle","availableSlots":1,"capacity":1"#
    try await stage.hostBeat("c", in: "region-3", idle).hostSuccess()
    try await stage.findHost(in: "region-3").noMatch(404)
    try await stage.settle(match, "confirm").hostSuccess()
    try await stage.hostBeat("c", in: "region-3", idle).hostSuccess()
    try await stage.findHost(in: "region-3").noMatch(404)
  }

  @Test("4. A host that says busy and no slots is not matched", arguments: ["1", "4"])
  func busy(capacity: String) async throws {
    let stage = try Installation.shared
    let said = #""status":"busy","capacity":\#(capacity)"#
    try await stage.hostBeat("d-\(capacity)", in: "region-4", said).hostSuccess()
    try await stage.findHost(in: "region-4").noMatch(404)
    try await stage.findHost(#"{"hostId":"d-\#(capacity)"}"#).noMatch(404)
  }

  @Test("5. A match renews no life: a host with four slots that crashed is gone after 30 s")
  func life() async throws {
    let stage = try Installation.shared
    try await stage.hostBeat("e", in: "region-5", #""capacity":4"#).hostSuccess()
    let key = "pm:{hosts}:host:e"
    for left in stride(from: 23, through: 2, by: -7) {
      stage.pass(seconds: 7)
      _ = try await stage.findHost(in: "region-5").match()
      #expect(try await stage.pttl(key) == left * 1000)
    }
    stage.redis.clock.advance(by: .milliseconds(2001))
    #expect(try await stage.pttl(key) == -2)
    try await stage.findHost(in: "region-5").noMatch(404)
    try await stage.findHost(#"{"hostId":"e"}"#).noMatch(404)
  }

  @Test("6. A fallback region is searched when the first one has none, and only if it is asked for")
  func fallback() async throws {
    let stage = try Installation.shared
    try await stage.hostBeat("f", in: "region-6").hostSuccess()
    try await stage.findHost(in: "region-7").noMatch(404)
    let wish = #"{"region":"region-7","fallback":["region-8","region-6"]}"#
    #expect(try await stage.findHost(wish).match().string("region") == "region-6")
  }

  @Test("10. Without Redis /readyz is 503, and says why in JSON")
  func readiness() async throws {
    // An installation of its own, whose Redis nobody misses.
    try await Installation.open { stage in
      #expect(try await stage.service.http.send("GET", "/readyz").status == 200)
      try await stage.redis.kill()
      for http in [stage.service.http, stage.service.management] {
        try await Waiting.until("503", within: .seconds(2)) {
          try await http.send("GET", "/readyz").status == 503
        }
        let answer = try await http.send("GET", "/readyz")
        #expect(answer.status == 503)
        #expect(answer.header("Content-Type") == "application/json")
        #expect(answer.text.contains("Redis"))
        _ = try answer.json
      }
      try await stage.redis.restart()
      try await stage.service.waitUntilReady(within: .seconds(15))
    }
  }

  @Test("11. Every error is JSON, whatever was asked and however")
  func errorsAreJSON() async throws {
    let stage = try Installation.shared
    let port = stage.service.publicPort
    let type = "Content-Type: application/json"
    let secret = "Authorization: Bearer \(Installation.hostSecret)"
    let requests = [
      (404, RawRequest.text("GET", "/", [])), (404, RawRequest.text("GET", "/api/nothing", [])),
      (404, RawRequest.text("GET", "/api/host/%00%ff/x", [])),
      (405, RawRequest.text("TRACE", "/api/hosts", [])),
      (405, RawRequest.text("GET", Installation.findPath, [])),
      (401, RawRequest.text("POST", Installation.hostBeatPath, [])),
      (403, RawRequest.text("POST", Installation.hostBeatPath, ["Authorization: Bearer x"])),
      (400, RawRequest.text("POST", Installation.hostBeatPath, [type, secret])),
      (400, RawRequest.text("GET", "/api/hosts?region=<script>", [])),
      (413, RawRequest.text("POST", Installation.findPath, [type, "Content-Length: 16385"])),
    ]
    for (status, request) in requests {
      let answer = try await RawHTTP.send(request, toPort: port)
      #expect(answer.status == status, Comment(rawValue: request))
      #expect(answer.header("Content-Type") == "application/json", Comment(rawValue: request))
      #expect(try answer.document.boolean("success") == false)
    }
    // What is no HTTP gets a status and nothing to read.
    let none = try await RawHTTP.send("no such protocol\r\n\r\n", toPort: port)
    #expect(none.status == 400)
    #expect(none.body.isEmpty)
  }

  @Test("12. POST /api/host/status exists, takes effect at once, and stands against heartbeats")
  func status() async throws {
    let stage = try Installation.shared
    let unknown = try await stage.setHostStatus("l", "busy")
    #expect(try unknown.hostRefusal(404) == "Host not found")
    try await stage.hostBeat("l", in: "region-12").hostSuccess()
    try await stage.setHostStatus("l", "busy").hostSuccess()
    try await stage.findHost(in: "region-12").noMatch(404)
    try await stage.hostBeat("l", in: "region-12").hostSuccess()
    try await stage.findHost(in: "region-12").noMatch(404)
    try await stage.setHostStatus("l", "idle").hostSuccess()
    _ = try await stage.findHost(in: "region-12").match()
  }

  @Test("13. Room ids are told to hosts and to the client that was sent there, to nobody else")
  func rooms() async throws {
    let stage = try Installation.shared
    try await stage.hostBeat("m", in: "region-13", room: "secret-room").hostSuccess()
    let http = stage.service.http
    for path in ["/api/hosts?region=region-13", "/api/hosts/ttl?region=region-13"] {
      for headers in [[:], ["Authorization": "Bearer wrong"]] {
        let list = try await http.send("GET", path, headers: headers)
        #expect(try list.json.array().map { try $0.string("hostId") } == ["m"])
        #expect(!list.text.contains("room"))
      }
    }
    let own = try await stage.hostCall("GET", "/api/hosts?region=region-13")
    #expect(try own.json.string("0.roomId") == "secret-room")
    #expect(try await stage.findHost(in: "region-13").match().string("roomId") == "secret-room")
    #expect(try await !stage.findHost(in: "region-13").text.contains("secret-room"))
  }
}
