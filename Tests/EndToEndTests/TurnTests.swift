import Foundation
import Signatures
import Support
import Testing

/// The credentials that clients get, on a real coturn.
@Suite(.timeLimit(.minutes(15)))
struct TurnTests {
  private struct Server {
    let port: Int
    let username: String
    let credential: String

    func allocate() async throws -> TurnClient.Outcome {
      try await allocate(username, credential)
    }

    func allocate(
      _ username: String,
      _ credential: String
    ) async throws -> TurnClient.Outcome {
      try await TurnClient.allocate(port: port, username: username, credential: credential)
    }
  }

  private func settings(_ coturn: TurnServer, secret: String) -> [String: String] {
    Installation.hostSettings.merging([
      "PLAYMETER_STUN_URLS": "stun:127.0.0.1:\(coturn.port)",
      "PLAYMETER_TURN_URLS": coturn.url, "PLAYMETER_TURN_SECRET": secret,
    ]) { $1 }
  }

  /// The TURN server that a client of the installation is told, which is the second of two.
  private func server(toldBy stage: Installation) async throws -> Server {
    let host = "pc-\(UInt32.random(in: 0 ... .max))"
    try await stage.hostBeat(host).hostSuccess()
    let match = try await stage.findHost(#"{"hostId":"\#(host)"}"#).match()
    let servers = try match.array("iceServers")
    try #require(servers.count == 2)
    #expect(try servers[0].keys() == ["urls"])
    let form = /turn:127\.0\.0\.1:(?<port>[0-9]+)\?transport=udp/
    let url = try #require(try servers[1].string("urls").wholeMatch(of: form))
    let server = Server(
      port: try #require(Int(url.port)),
      username: try servers[1].string("username"),
      credential: try servers[1].string("credential")
    )
    #expect(try server.username.hasSuffix(":" + match.string("reservationId")))
    return server
  }

  private func credential(of username: String, _ secret: String) -> String {
    let signature = HMAC.sha1(key: Array(secret.utf8), message: Array(username.utf8))
    return Data(signature).base64EncodedString()
  }

  private func username(secondsFromNow seconds: Int) -> String {
    "\(Int(Date.now.timeIntervalSince1970) + seconds):rv_x"
  }

  @Test("A coturn gives a relay for the credential of a match, and none for a wrong or expired one")
  func credentials() async throws {
    let coturn = try await TurnServer.start(secrets: ["north"])
    try await Installation.open(settings: settings(coturn, secret: "north")) { stage in
      let server = try await server(toldBy: stage)
      #expect(server.port == coturn.port)
      #expect(try await server.allocate() == .allocated)

      let wrong = credential(of: server.username, "south")
      #expect(try await server.allocate(server.username, wrong) == .refused(401))
      let longer = username(secondsFromNow: 86_400)
      #expect(try await server.allocate(longer, server.credential) == .refused(401))

      // What makes it refused is the time alone.
      let future = username(secondsFromNow: 60)
      #expect(try await server.allocate(future, credential(of: future, "north")) == .allocated)
      let past = username(secondsFromNow: -60)
      #expect(try await server.allocate(past, credential(of: past, "north")) == .refused(401))
    }
  }

  @Test("While a secret is replaced, coturn takes both and the service signs with the newer one")
  func rotation() async throws {
    let coturn = try await TurnServer.start(secrets: ["older", "newer"])
    try await Installation.open(settings: settings(coturn, secret: "older")) { stage in
      let before = try await server(toldBy: stage)
      var environment = stage.environment
      environment["PLAYMETER_TURN_SECRET"] = "newer"
      let renewed = try await ServiceProcess.start(environment: environment)
      let after = try await server(toldBy: stage.through(renewed))
      #expect(after.credential == credential(of: after.username, "newer"))
      for server in [before, after] { #expect(try await server.allocate() == .allocated) }
      // A coturn that was not told the newer one yet shows that both were needed.
      let late = try await TurnServer.start(secrets: ["older"])
      for (server, outcome) in [(before, TurnClient.Outcome.allocated), (after, .refused(401))] {
        let elsewhere = Server(
          port: late.port,
          username: server.username,
          credential: server.credential
        )
        #expect(try await elsewhere.allocate() == outcome)
      }
      #expect(try await renewed.terminate() == 0)
    }
  }
}
