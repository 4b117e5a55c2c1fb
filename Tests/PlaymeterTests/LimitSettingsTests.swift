import HTTPAPI
import Testing

@testable import playmeter

@Suite("Settings of the limits")
struct LimitSettingsTests {
  @Test("Without any of them the published defaults hold")
  func defaults() throws {
    let configuration = try Given.settings()
    #expect(configuration.requestLimits == RequestLimits())
    #expect(configuration.connectionLimits == ConnectionLimits())
    let limits = configuration.requestLimits
    #expect(limits.perKey == .requests(500, per: .seconds(1)))
    #expect(limits.perCafe == .requests(200, per: .seconds(1)))
    #expect(limits.perAddress == .requests(20, per: .seconds(1)))
    #expect(limits.inFlight == 10_000)
  }

  @Test("Every one of them reaches the place where it is used")
  func everySetting() throws {
    let configuration = try Given.settings([
      "PLAYMETER_RATE_LIMIT_PER_KEY": "1/s", "PLAYMETER_RATE_LIMIT_PER_CAFE": "7/h",
      "PLAYMETER_RATE_LIMIT_PER_ADDRESS": "30/m", "PLAYMETER_REQUESTS_IN_FLIGHT": "2",
      "PLAYMETER_CONNECTIONS": "3", "PLAYMETER_CONNECTIONS_PER_ADDRESS": "4",
      "PLAYMETER_REQUEST_HEAD_BYTES": "5000", "PLAYMETER_REQUEST_HEADER_FIELDS": "60",
      "PLAYMETER_REQUEST_BODY_BYTES": "7000", "PLAYMETER_REQUEST_TIMEOUT": "8s",
      "PLAYMETER_RESPONSE_TIMEOUT": "9s", "PLAYMETER_KEEP_ALIVE_TIMEOUT": "10s",
    ])
    var requests = RequestLimits()
    requests.perKey = .requests(1, per: .seconds(1))
    requests.perCafe = .requests(7, per: .seconds(3600))
    requests.perAddress = .requests(30, per: .seconds(60))
    requests.inFlight = 2
    #expect(configuration.requestLimits == requests)
    var connections = ConnectionLimits()
    connections.connections = 3
    connections.connectionsPerAddress = 4
    connections.headBytes = 5000
    connections.headerFields = 60
    connections.bodyBytes = 7000
    connections.requestTimeout = .seconds(8)
    connections.responseTimeout = .seconds(9)
    connections.keepAliveTimeout = .seconds(10)
    #expect(configuration.connectionLimits == connections)
  }

  @Test("The rates and the connections of an address can be switched off")
  func off() throws {
    let names = ["KEY", "CAFE", "ADDRESS"].map { "PLAYMETER_RATE_LIMIT_PER_" + $0 }
    let all = names + ["PLAYMETER_CONNECTIONS_PER_ADDRESS"]
    let configuration = try Given.settings(
      Dictionary(uniqueKeysWithValues: all.map { ($0, "off") })
    )
    let limits = configuration.requestLimits
    #expect([limits.perKey, limits.perCafe, limits.perAddress] == [.off, .off, .off])
    #expect(configuration.connectionLimits.connectionsPerAddress == nil)
  }

  @Test("A process that may open few files has fewer connections, but always one")
  func files() {
    #expect(ConnectionLimits().within(1024).connections == 824)
    #expect(ConnectionLimits().within(64).connections == 1)
    #expect(ConnectionLimits().within(.max).connections == 100_000)
  }

  @Test(
    "A value that breaks its setting's rule is refused",
    arguments: [
      ("RATE_LIMIT_PER_ADDRESS", "20"), ("RATE_LIMIT_PER_ADDRESS", "0/s"),
      ("RATE_LIMIT_PER_ADDRESS", "1000001/s"), ("RATE_LIMIT_PER_KEY", "20/d"),
      ("RATE_LIMIT_PER_CAFE", "20/s/s"), ("RATE_LIMIT_PER_CAFE", "/s"),
      ("RATE_LIMIT_PER_KEY", "OFF"), ("REQUESTS_IN_FLIGHT", "0"),
      ("REQUESTS_IN_FLIGHT", "1000001"), ("REQUESTS_IN_FLIGHT", "off"), ("CONNECTIONS", "0"),
      ("CONNECTIONS", "off"), ("CONNECTIONS_PER_ADDRESS", "-1"), ("REQUEST_HEAD_BYTES", "4095"),
      ("REQUEST_HEAD_BYTES", "262145"), ("REQUEST_HEADER_FIELDS", "19"),
      ("REQUEST_BODY_BYTES", "4095"), ("REQUEST_BODY_BYTES", "1048577"),
      ("REQUEST_TIMEOUT", "99ms"), ("RESPONSE_TIMEOUT", "2h"), ("KEEP_ALIVE_TIMEOUT", "75"),
    ]
  )
  func invalid(name: String, value: String) {
    let faults = Given.faults(["PLAYMETER_" + name: value])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("PLAYMETER_\(name): ") == true)
  }
}
