import Domain
import Testing

struct NetworkTests {
  @Test(
    "An address reads and prints in its canonical form",
    arguments: [
      ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
      ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
      ("fe80::1:0:0:1", "fe80::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
    ]
  )
  func addresses(text: String, canonical: String) {
    #expect(IPAddress(text)?.description == canonical)
  }

  @Test(
    "What is no address is refused",
    arguments: [
      "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4:80", ":::", "1::2::3", "12345::",
      "1:2:3:4:5:6:7", "fe80::1%eth0", "[::1]", "::1.2.3", "g::",
    ]
  )
  func refusedAddresses(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(
    "A network contains what its prefix says",
    arguments: [
      ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.114.0", false),
      ("0.0.0.0/0", "198.51.100.1", true), ("0.0.0.0/0", "2001:db8::1", false),
      ("203.0.113.128/25", "203.0.113.127", false), ("203.0.113.7", "203.0.113.7", true),
      ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
    ]
  )
  func contains(network: String, address: String, isInside: Bool) throws {
    let block = try #require(Network(network))
    #expect(block.contains(try #require(IPAddress(address))) == isInside)
  }

  @Test(
    "What is no network is refused, bits behind the prefix included",
    arguments: [
      "", "203.0.113.1/24", "203.0.113.0/33", "203.0.113.0/", "::/129", "a/8", "1.2.3.4/-1",
    ]
  )
  func refused(text: String) {
    #expect(Network(text) == nil)
  }
}
