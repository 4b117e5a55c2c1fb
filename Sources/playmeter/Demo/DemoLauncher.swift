import Domain
import HTTPAPI
import JSON
import NIOHTTP1
import Signatures

/// The program on a PC of a cafe, as the demonstration plays it.
struct DemoLauncher: Sendable {
  private static let startPath = "/v1/launcher/session/start"
  private static let nonceBytes = 16

  let http: DemoHTTP
  let cafe: DemoCredentials.Cafe
  let pc: String

  /// A launcher session that has started.
  struct Started: Sendable {
    let token: String
    /// When the first heartbeat is expected.
    let nextHeartbeat: Duration
  }

  /// Starts the launcher's session.
  func start() async throws(DemoError) -> Started {
    let body =
      JSONValue.object([
        .init("pc_id", .string(pc)), .init("internal_ip", "192.168.0.7"),
        .init("launcher_version", "demo"),
      ])
      .bytes
    let headers = Self.signature(
      of: body,
      by: cafe,
      timestamp: WallClock.seconds(),
      nonce: Hex.encode(RandomBytes.generate(count: Self.nonceBytes))
    )
    let answer = try await http.send(.POST, Self.startPath, headers: headers, body: body)
    return Started(
      token: try answer.string("session_token"),
      nextHeartbeat: .seconds(try answer.integer("next_heartbeat_in"))
    )
  }

  /// The headers that prove that the start is the cafe's.
  static func signature(
    of body: [UInt8],
    by cafe: DemoCredentials.Cafe,
    timestamp: Int64,
    nonce: String
  ) -> [(String, String)] {
    let digest = Hex.encode(Digest.sha256(body))
    let message = ["POST", startPath, "\(timestamp)", nonce, digest].joined(separator: "\n")
    let signature = HMAC.sha256(key: cafe.launcherSecret, message: Array(message.utf8))
    return [
      ("X-Cafe-Id", cafe.id.text), ("X-Timestamp", "\(timestamp)"), ("X-Nonce", nonce),
      ("X-Signature", Hex.encode(signature)),
    ]
  }

  /// Fetches a one-time token for a game.
  func oneTimeToken(
    for game: DemoCredentials.Game,
    token: String
  ) async throws(DemoError) -> String {
    let body: JSONValue = ["game_id": .string(game.id.text)]
    let answer = try await http.send(
      .POST,
      "/v1/launcher/ott",
      headers: Self.bearer(token),
      body: body.bytes
    )
    return try answer.string("ott")
  }

  /// Tells that the PC is on.
  func heartbeat(token: String) async throws(DemoError) -> DemoAnswer {
    try await http.send(.PATCH, "/v1/launcher/session/heartbeat", headers: Self.bearer(token))
  }

  /// Ends the launcher's session.
  func end(token: String) async throws(DemoError) {
    let path = "/v1/launcher/session/end"
    _ = try await http.send(.DELETE, path, headers: Self.bearer(token)).data()
  }

  private static func bearer(_ token: String) -> [(String, String)] {
    [("Authorization", "Bearer " + token)]
  }
}
