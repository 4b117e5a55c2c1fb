import Support
import Testing

/// Where a launcher calls from, behind a proxy on this machine and one in 10.0.0.0/8.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct ClientAddressTests {
  @Test(
    "The right-most address that is no trusted proxy counts",
    arguments: [
      ("203.0.113.7", true),
      (" 203.0.113.255 ", true),
      ("203.0.113.7, 10.1.2.3", true),
      ("203.0.113.7,10.1.2.3, 127.0.0.1", true),
      ("198.51.100.1, 203.0.113.7", true),
      ("nonsense, 203.0.113.7", true),
      ("2001:db8:7::1", true),
      ("::ffff:203.0.113.7", true),
      ("203.0.114.1", false),
      ("2001:db8:8::1", false),
      // A caller from elsewhere put a cafe's address on the left.
      ("203.0.113.7, 198.51.100.1", false),
      ("203.0.113.7, 198.51.100.1, 10.1.2.3", false),
      // Nobody but proxies.
      ("10.1.2.3", false),
      ("127.0.0.1", false),
      ("", false),
      ("nonsense", false),
      ("203.0.113.7, nonsense", false),
      ("203.0.113.7:1234x", false),
    ]
  )
  func forwarded(list: String, isInside: Bool) async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe(networks: [Cafe.network, "2001:db8:7::/48"])
    var start = cafe.signedStart()
    start.forwardedFor = list
    let answer = try await stage.send(start)
    if isInside {
      _ = try answer.success()
    } else {
      try answer.refusal(403, "NOT_PC_CAFE")
    }
  }

  @Test("Without the header the connection's own address counts")
  func connection() async throws {
    let stage = try Installation.shared
    let here = try await stage.cafe(networks: ["127.0.0.0/8"])
    let elsewhere = try await stage.cafe()
    for (cafe, isInside) in [(here, true), (elsewhere, false)] {
      var start = cafe.signedStart()
      start.forwardedFor = nil
      let answer = try await stage.send(start)
      if isInside {
        _ = try answer.success()
      } else {
        try answer.refusal(403, "NOT_PC_CAFE")
      }
    }
  }

  @Test("A header that is repeated is one list")
  func repeatedHeader() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    for (lists, status) in [
      (["198.51.100.1", "203.0.113.7"], 200), (["203.0.113.7", "198.51.100.1"], 403),
    ] {
      var start = cafe.signedStart()
      start.forwardedFor = nil
      let headers =
        start.headers.map { "\($0): \($1)" } + lists.map { "X-Forwarded-For: \($0)" }
        + ["Content-Type: application/json", "Content-Length: \(start.body.utf8.count)"]
      let request = RawRequest.text("POST", SignedStart.path, headers, body: start.body)
      let answer = try await RawHTTP.send(request, toPort: stage.service.publicPort)
      #expect(answer.status == status)
    }
  }

  @Test("The address is kept with the session")
  func evidence() async throws {
    let play = try await Installation.shared.cafe().play()
    #expect(try await play.report().string("external_ip") == Cafe.address)
  }

  @Test("The signature comes before the address, and that before the suspension")
  func order() async throws {
    let stage = try Installation.shared
    let cafe = try await stage.cafe()
    try await cafe.suspend()
    var start = cafe.signedStart()
    try await stage.send(start).refusal(403, "CAFE_SUSPENDED")
    start = cafe.signedStart()
    start.forwardedFor = "198.51.100.1"
    try await stage.send(start).refusal(403, "NOT_PC_CAFE")
    start.forgedSignature = String(repeating: "0", count: 64)
    try await stage.send(start).refusal(401, "INVALID_SIGNATURE")
  }
}

/// The same without any trusted proxy.
@Suite(
  .serialized,
  .timeLimit(.minutes(15)),
  .installation(settings: ["PLAYMETER_TRUSTED_PROXIES": ""])
)
struct UntrustedProxyTests {
  @Test("What an untrusted proxy says does not count")
  func untrusted() async throws {
    let stage = try Installation.shared
    let start = try await stage.cafe().signedStart()
    try await stage.send(start).refusal(403, "NOT_PC_CAFE")
    let here = try await stage.cafe(networks: ["127.0.0.0/8"])
    for list in [Cafe.address, "198.51.100.1", "127.0.0.1, 198.51.100.1"] {
      var start = here.signedStart()
      start.forwardedFor = list
      _ = try await stage.send(start).success()
    }
  }
}
