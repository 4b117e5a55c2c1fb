import JSON
import Testing

@testable import HTTPAPI

@Suite("The servers for connections between browsers")
struct ICEServersTests {
  @Test("A credential is what coturn computes from the name and the secret")
  func knownVector() {
    let credential = TURNSecret("north").credential(of: "1715620000:user")
    #expect(credential == "sab2jTAbv1rcKwpfcNsq6c++rxI=")
  }

  @Test("The name says until when the credential holds and for which reservation")
  func username() {
    let servers = ICEServers(
      turnURLs: ["turn:a", "turns:b"],
      turnSecret: "north",
      turnTTL: .seconds(20_000)
    )
    let json = servers.json(user: "user", now: 1_715_600_000)
    #expect(json.array?.count == 2)
    #expect(json[1]?["urls"] == "turns:b")
    for index in [0, 1] {
      #expect(json[index]?["username"] == "1715620000:user")
      #expect(json[index]?["credential"] == "sab2jTAbv1rcKwpfcNsq6c++rxI=")
    }
  }

  @Test("Each STUN server is an entry of its own, without a name that browsers would use")
  func stun() {
    let servers = ICEServers(stunURLs: ["stun:a", "stun:b"])
    #expect(servers.json(user: "u", now: 0) == [["urls": "stun:a"], ["urls": "stun:b"]])
    #expect(ICEServers().json(user: "u", now: 0) == [])
  }
}
