import Foundation

/// A coturn of the test's own: Debian's program on a loopback port, with a private directory for
/// everything that it writes. It knows nobody but through the secrets it is given
/// (`use-auth-secret`).
///
/// It is gone when the last reference to it is, also when the test process is killed.
public final class TurnServer: Sendable {
  /// Starting takes some 30 ms; a busy machine takes longer.
  private static let startLimit = Duration.seconds(20)
  /// For one question whether it is there; before that nobody answers.
  private static let probeLimit = Duration.milliseconds(200)

  /// Where it listens for datagrams on 127.0.0.1.
  public let port: Int
  /// What `PLAYMETER_TURN_URLS` says of it.
  public var url: String { "turn:127.0.0.1:\(port)?transport=udp" }

  private let server: ConfiguredServer

  private init(_ server: ConfiguredServer, port: Int) {
    self.server = server
    self.port = port
  }

  /// Starts a server that takes credentials of any of these secrets, and returns when it listens.
  /// Throws ``SupportError`` with the server's own words when it does not, or when coturn is not
  /// installed.
  public static func start(secrets: [String]) async throws -> TurnServer {
    let port = try Ports.freeUDP()
    let server = try ConfiguredServer.start("turnserver", arguments: ["-c"]) { directory in
      configuration(secrets, port: port, in: directory)
    }
    try await Waiting.until("coturn's answer", within: startLimit) {
      try server.expectRunning()
      return await isReady(port)
    }
    return TurnServer(server, port: port)
  }

  /// Whether it answers STUN's plainest request, a binding's.
  private static func isReady(_ port: Int) async -> Bool {
    let request: [UInt8] = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42] + Array("playmeter123".utf8)
    do {
      return try await Datagrams.exchange(withPort: port, within: probeLimit) { ask in
        try await ask(request).starts(with: [1, 1])
      }
    } catch {
      return false
    }
  }

  private static func configuration(_ secrets: [String], port: Int, in path: String) -> String {
    let lines = [
      "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "listening-port=\(port)",
      "realm=playmeter.test", "use-auth-secret",
      // Neither another kind of listener nor a console.
      "no-tcp", "no-tls", "no-dtls", "no-cli",
      "log-file=stdout", "pidfile=\(path)/pid", "userdb=\(path)/users",
    ]
    return (lines + secrets.map { "static-auth-secret=\($0)" } + [""]).joined(separator: "\n")
  }
}
