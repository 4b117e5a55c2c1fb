import Domain
import HTTPAPI
import Testing

@testable import playmeter

@Suite("Settings of the host API")
struct HostSettingsTests {
  private static let signaling = ["PLAYMETER_SIGNALING_URL": "wss://signal.example/ws"]

  @Test("Without any of them every published default holds and hosts are refused")
  func defaults() throws {
    let configuration = try Given.settings()
    #expect(configuration.matchLimits == MatchLimits(pendingPerAddress: 3))
    #expect(
      configuration.hosts.revealed
        == HostAPISettings(
          secrets: [],
          regions: try regions("us-east-1", "us-west-1", "eu-central", "local"),
          defaultRegion: try #require(Region("local")),
          showsRoomsToEveryone: false,
          origins: .any,
          signalingURL: nil,
          iceServers: ICEServers(turnTTL: .seconds(3600))
        )
    )
  }

  @Test("Every one of them reaches the place where it is used")
  func everySetting() throws {
    let configuration = try Given.settings([
      "PLAYMETER_HOST_TTL": "3s",
      "PLAYMETER_MATCH_RESERVATION": "200ms",
      "PLAYMETER_MATCH_CONFIRMED_TTL": "7d",
      "PLAYMETER_MATCH_PENDING_PER_ADDRESS": "1000",
      "PLAYMETER_HOST_SECRET": "new",
      "PLAYMETER_HOST_SECRET_PREVIOUS": "old",
      "PLAYMETER_HOST_REGIONS": "mars, venus",
      "PLAYMETER_HOST_DEFAULT_REGION": "venus",
      "PLAYMETER_HOSTS_PUBLIC_ROOMS": "true",
      "PLAYMETER_CORS_ORIGINS": "https://a.example, http://localhost:3000",
      "PLAYMETER_SIGNALING_URL": "ws://127.0.0.1:8081",
      "PLAYMETER_STUN_URLS": "stun:a:3478,stuns:b",
      "PLAYMETER_TURN_URLS": "turn:a?transport=udp",
      "PLAYMETER_TURN_SECRET": "north",
      "PLAYMETER_TURN_TTL": "90s",
    ])
    #expect(configuration.timings.hostTTL == .seconds(3))
    #expect(configuration.timings.matchReservation == .milliseconds(200))
    #expect(configuration.timings.matchConfirmedTTL == .seconds(7 * 86_400))
    #expect(configuration.matchLimits.pendingPerAddress == 1000)
    #expect(
      configuration.hosts.revealed
        == HostAPISettings(
          secrets: ["new", "old"],
          regions: try regions("mars", "venus"),
          defaultRegion: try #require(Region("venus")),
          showsRoomsToEveryone: true,
          origins: .listed(["https://a.example", "http://localhost:3000"]),
          signalingURL: "ws://127.0.0.1:8081",
          iceServers: ICEServers(
            stunURLs: ["stun:a:3478", "stuns:b"],
            turnURLs: ["turn:a?transport=udp"],
            turnSecret: "north",
            turnTTL: .seconds(90)
          )
        )
    )
  }

  @Test("The limit for an address can be switched off")
  func off() throws {
    let configuration = try Given.settings(["PLAYMETER_MATCH_PENDING_PER_ADDRESS": "off"])
    #expect(configuration.matchLimits.pendingPerAddress == nil)
  }

  @Test(
    "A value that breaks its setting's rule is refused",
    arguments: [
      ("HOST_TTL", "99ms"), ("HOST_TTL", "61m"), ("MATCH_RESERVATION", "60"),
      ("MATCH_CONFIRMED_TTL", "8d"), ("MATCH_PENDING_PER_ADDRESS", "0"),
      ("MATCH_PENDING_PER_ADDRESS", "1001"), ("MATCH_PENDING_PER_ADDRESS", "-1"),
      ("MATCH_PENDING_PER_ADDRESS", "OFF"), ("HOST_SECRET", "two words"),
      ("HOST_SECRET_PREVIOUS", String(repeating: "a", count: 257)), ("HOST_REGIONS", "local,"),
      ("HOST_REGIONS", "local,local"), ("HOST_REGIONS", "Local"),
      ("HOST_REGIONS", (0...64).map { "r\($0)" }.joined(separator: ",") + ",local"),
      ("HOST_DEFAULT_REGION", "LOCAL"), ("HOSTS_PUBLIC_ROOMS", "yes"),
      ("HOSTS_PUBLIC_ROOMS", "True"), ("CORS_ORIGINS", "https://a/"), ("CORS_ORIGINS", "a.example"),
      ("CORS_ORIGINS", "https://A.example"), ("CORS_ORIGINS", "*,https://a"),
      ("CORS_ORIGINS", "https://*.example"), ("CORS_ORIGINS", "https://"),
      ("CORS_ORIGINS", "https://a b"), ("SIGNALING_URL", "https://a"), ("SIGNALING_URL", "ws://"),
      ("SIGNALING_URL", "wss://a?x=1"), ("SIGNALING_URL", "wss://a#x"),
      ("SIGNALING_URL", "wss:///ws"), ("SIGNALING_URL", "ws://a b"),
      ("STUN_URLS", "turn:a"), ("STUN_URLS", "stun:"), ("STUN_URLS", "stun://a"),
      ("STUN_URLS", Array(repeating: "stun:a", count: 17).joined(separator: ",")),
      ("TURN_URLS", "stun:a"), ("TURN_URLS", "turn:a,,turn:b"), ("TURN_SECRET", "a b"),
      ("TURN_TTL", "999ms"),
    ]
  )
  func invalid(name: String, value: String) {
    let faults = Given.faults(["PLAYMETER_" + name: value])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("PLAYMETER_\(name): ") == true)
  }

  @Test(
    "Settings that contradict each other or lack another are refused",
    arguments: [
      (["HOST_SECRET": "a"], ["SIGNALING_URL"]),
      (["HOST_SECRET_PREVIOUS": "a"], ["HOST_SECRET_PREVIOUS"]),
      (["ADMIN_TOKEN_PREVIOUS": "a"], ["ADMIN_TOKEN_PREVIOUS"]),
      (["HOST_REGIONS": "mars"], ["HOST_DEFAULT_REGION"]),
      (["HOST_DEFAULT_REGION": "mars"], ["HOST_DEFAULT_REGION"]),
      (["TURN_URLS": "turn:a"], ["TURN_SECRET"]),
      // What is wrong by itself is not also blamed for lacking something.
      (["HOST_SECRET": "a b"], ["HOST_SECRET"]), (["TURN_URLS": "a"], ["TURN_URLS"]),
      (["HOST_SECRET": "a", "SIGNALING_URL": "a"], ["SIGNALING_URL"]),
    ]
  )
  func contradictions(values: [String: String], faulty: [String]) {
    let pairs = values.map { ("PLAYMETER_" + $0.key, $0.value) }
    let faults = Given.faults(Dictionary(uniqueKeysWithValues: pairs))
    #expect(faults.map { String($0.prefix { $0 != ":" }) } == faulty.map { "PLAYMETER_" + $0 })
  }

  @Test("Their secrets are in no description and no dump of the settings")
  func secrets() throws {
    let marker = "zq9secret"
    let configuration = try Given.settings(
      Self.signaling.merging([
        "PLAYMETER_HOST_SECRET": marker, "PLAYMETER_HOST_SECRET_PREVIOUS": marker,
        "PLAYMETER_TURN_URLS": "turn:a", "PLAYMETER_TURN_SECRET": marker,
      ]) { first, _ in first }
    )
    var dumped = ""
    dump(configuration, to: &dumped)
    dump([configuration.hosts], to: &dumped)
    let bytes = Array(marker.utf8).prefix(3).map(String.init).joined(separator: ", ")
    for text in [dumped, "\(configuration)", String(reflecting: [configuration.hosts])] {
      #expect(!text.contains(marker) && !text.contains(bytes))
    }
  }

  private func regions(_ names: String...) throws -> [Region] {
    try names.map { try #require(Region($0)) }
  }
}
