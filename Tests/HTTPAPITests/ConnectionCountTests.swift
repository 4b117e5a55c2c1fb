import Domain
import Testing

@testable import HTTPAPI

@Suite("The count of connections")
struct ConnectionCountTests {
  private static func count(all: Int = 100, each: Int? = 2) -> ConnectionCount {
    var limits = ConnectionLimits()
    limits.connections = all
    limits.connectionsPerAddress = each
    return ConnectionCount(limits, proxies: [Network("10.0.0.0/8")!])
  }

  @Test("Each address gets its own, an IPv6 /64 counts as one, and places come back")
  func each() {
    let count = Self.count()
    let first = IPAddress("2001:db8::1")
    #expect(count.enter(first) == nil)
    #expect(count.enter(IPAddress("2001:db8::2")) == nil)
    #expect(count.enter(IPAddress("2001:db8:0:0:ffff::3")) == .connectionsPerAddress)
    #expect(count.enter(IPAddress("2001:db8:0:1::1")) == nil)
    #expect(count.enter(IPAddress("203.0.113.1")) == nil)
    #expect(count.enter(IPAddress("203.0.113.2")) == nil)
    count.left(first)
    #expect(count.enter(IPAddress("2001:db8::4")) == nil)
    #expect(count.enter(first) == .connectionsPerAddress)
  }

  @Test("Addresses that have gone leave nothing behind")
  func forgotten() {
    let count = Self.count()
    let peers = (0..<50).map { IPAddress("203.0.113.\($0)") }
    for peer in peers + peers { #expect(count.enter(peer) == nil) }
    #expect(count.enter(IPAddress("198.51.100.1")) == .connections)
    #expect(count.addressCount == 50)
    for peer in peers + peers { count.left(peer) }
    #expect(count.addressCount == 0)
  }

  @Test("Trusted proxies and peers without an address count only towards all")
  func proxies() {
    let count = Self.count(all: 10)
    for _ in 0..<5 {
      #expect(count.enter(IPAddress("10.1.2.3")) == nil)
      #expect(count.enter(nil) == nil)
    }
    #expect(count.enter(nil) == .connections)
    #expect(count.addressCount == 0)
    let unlimited = Self.count(each: nil)
    for _ in 0..<100 { #expect(unlimited.enter(IPAddress("203.0.113.1")) == nil) }
  }
}
