import Domain
import HTTPTypes
import JSON
import Synchronization
import Testing

@testable import HTTPAPI

@Suite("Lists of hosts")
struct HostListsTests {
  private static let row =
    #"{"hostId":"pc-1","region":"local","status":"idle","capacity":2,"availableSlots":1,"#
    + #""lastHeartbeat":5000"#

  @Test("Everybody sees the hosts, and their rooms only who has the secret")
  func rooms() async throws {
    let api = PublicAPI.ofHosts()
    for authorization in [nil, "Bearer wrong"] {
      var fields = HTTPFields()
      fields[.authorization] = authorization
      let answer = try await api.client(fields).send(.get, "/api/hosts")
      #expect(answer.status == 200)
      #expect(answer.document.text == "[\(Self.row)}]")
      #expect(answer.fields[.nextCursor] == nil)
    }
    let withRoom = #"[\#(Self.row),"roomId":"room-1"}]"#
    let own = try await api.client(Client.host).send(.get, "/api/hosts")
    #expect(own.document.text == withRoom)
    let open = try await PublicAPI.ofHosts { $0.showsRoomsToEveryone = true }.client()
      .send(.get, "/api/hosts")
    #expect(open.document.text == withRoom)
  }

  @Test("Without a secret in the settings an empty token opens no room")
  func noSecret() async throws {
    let answer = try await PublicAPI.ofHosts { $0.secrets = [] }
      .client([.authorization: "Bearer x"]).send(.get, "/api/hosts")
    #expect(answer.document.text == "[\(Self.row)}]")
  }

  @Test("The TTL is the key's own, rounded up to seconds")
  func ttls() async throws {
    let answer = try await PublicAPI.ofHosts().client().send(.get, "/api/hosts/ttl")
    #expect(answer.status == 200)
    #expect(answer.document.text == #"[{"hostId":"pc-1","ttlSeconds":29}]"#)
  }

  @Test(
    "The query chooses the hosts",
    arguments: [
      ("/api/hosts", "- matchable - 1000"), ("/api/hosts?region=&status=", "- matchable - 1000"),
      ("/api/hosts?region=local&status=busy", "local busy - 1000"),
      ("/api/hosts?status=all&cursor=a%3Ab", "- all a:b 1000"),
      ("/api/hosts/ttl", "- all - 1000"), ("/api/hosts/ttl?status=busy", "- busy - 1000"),
    ]
  )
  func queries(path: String, expected: String) async throws {
    let hosts = HostsDouble()
    #expect(try await PublicAPI.ofHosts(hosts).client().send(.get, path).status == 200)
    #expect(hosts.asked.commands == ["hosts " + expected])
  }

  @Test("A full page tells where the next one starts")
  func cursor() async throws {
    let hosts = HostsDouble { $0.nextCursor = "pc-1" }
    for path in ["/api/hosts", "/api/hosts/ttl"] {
      let answer = try await PublicAPI.ofHosts(hosts).client().send(.get, path)
      #expect(answer.fields[.nextCursor] == "pc-1")
    }
  }

  @Test("An empty list is an empty array, and a fault is 503, not an empty list")
  func emptyOrFaulty() async throws {
    let hosts = HostsDouble { $0.rows = [] }
    let client = PublicAPI.ofHosts(hosts).client()
    #expect(try await client.send(.get, "/api/hosts").document == [])
    hosts.change { $0.fault = .unavailable("away") }
    let away = try await client.send(.get, "/api/hosts?status=all")
    #expect((away.status, away.fields[.retryAfter]) == (503, "1"))
    #expect(away.document["success"] == false)
  }

  @Test("A page is read once a second at most, and a failed reading is not kept")
  func age() async throws {
    let hosts = HostsDouble()
    let clock = ClockDouble()
    let client = PublicAPI.ofHosts(hosts, clock: clock).client()
    for _ in 0..<3 { _ = try await client.send(.get, "/api/hosts") }
    clock.move(.milliseconds(999))
    _ = try await client.send(.get, "/api/hosts")
    #expect(hosts.asked.commands.count == 1)
    clock.move(.milliseconds(1))
    hosts.change { $0.fault = .unavailable("away") }
    #expect(try await client.send(.get, "/api/hosts").status == 503)
    hosts.change { $0.fault = nil }
    #expect(try await client.send(.get, "/api/hosts").status == 200)
    #expect(hosts.asked.commands.count == 3)
    // The same hosts with their TTLs are another page only because they are others.
    _ = try await client.send(.get, "/api/hosts?status=all")
    _ = try await client.send(.get, "/api/hosts/ttl")
    #expect(hosts.asked.commands.count == 4)
  }

  @Test("While a page is read, others wait for that reading", .timeLimit(.minutes(15)))
  func oneReading() async throws {
    let (permits, permit) = AsyncStream.makeStream(of: Void.self)
    let (starts, start) = AsyncStream.makeStream(of: Void.self)
    let hosts = HostsDouble(reading: {
      start.yield()
      for await _ in permits { return }
    })
    let clock = ClockDouble()
    let lists = HostLists(registry: hosts, clock: clock.now)
    try await withThrowingTaskGroup(of: Int.self) { tasks in
      for _ in 0..<50 {
        tasks.addTask { try await lists.page(HostFilter(), cursor: nil).rows.count }
      }
      for await _ in starts { break }
      permit.yield()
      for try await count in tasks { #expect(count == 1) }
    }
    #expect(hosts.asked.commands.count == 1)
  }

  @Test("However many cursors are made up, few pages are kept")
  func bound() async throws {
    let clock = ClockDouble()
    let hosts = HostsDouble()
    let lists = HostLists(registry: hosts, maximumPages: 4, clock: clock.now)
    for number in 0..<20 {
      clock.move(.milliseconds(1))
      _ = try await lists.page(HostFilter(), cursor: "\(number)")
    }
    #expect(lists.pageCount == 4)
    // The latest ones are kept.
    _ = try await lists.page(HostFilter(), cursor: "19")
    #expect(hosts.asked.commands.count == 20)
    _ = try await lists.page(HostFilter(), cursor: "15")
    #expect(hosts.asked.commands.count == 21)
  }
}
