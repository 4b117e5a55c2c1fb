import Domain
import HTTPTypes
import JSON
import Signatures
import Support
import Testing

@testable import HTTPAPI

/// Every route that reads a body or a query, over ports that accept everything.
@Suite("Bodies under random input", .timeLimit(.minutes(15)))
struct BodyFuzzTests {
  /// An endpoint and a body that it takes; `others` are names besides the body's that a refusal may
  /// be about.
  private struct Route {
    var client: Client
    var method: HTTPRequest.Method
    var path: String
    var body: HostileJSON
    var others: [String] = []
  }

  @Test("Whatever a body says, the answer has its shape, is no fault of ours and names the field")
  func bodies() async throws {
    var routes: [Route] = []
    var inputs = 0
    try await Fuzzing("HTTP bodies")
      .run { random in
        // Ports remember what they were asked, so they are made anew now and then.
        if inputs.isMultiple(of: 1000) {
          routes = Self.publicRoutes + Self.hostRoutes + Self.adminRoutes
        }
        inputs += 1
        let route = random.pick(routes)
        let bytes = route.body.body(&random)
        let path = random.once(in: 3) ? route.path + "?" + Self.query(&random) : route.path
        do {
          let answer = try await Self.send(route, path, bytes, &random)
          try Self.check(answer, route)
        } catch {
          let text = String(decoding: bytes.prefix(500), as: UTF8.self)
          throw SupportError("\(route.method) \(path) \(text): \(error)")
        }
      }
  }

  private static func send(
    _ route: Route,
    _ path: String,
    _ bytes: [UInt8],
    _ random: inout SeededRandom
  ) async throws -> Answer {
    var fields = route.client.fields
    if random.once(in: 16) {
      fields[.contentType] = random.pick(["", "application/json; a=\"", "text/plain", ",", ";"])
    }
    if random.once(in: 16) {
      fields[.idempotencyKey] = random.pick(["", "a", String(repeating: "a", count: 129), "é"])
    }
    if route.path == LauncherStartTests.path { sign(&fields, bytes) }
    return try await route.client.send(route.method, path, fields: fields, bytes: bytes)
  }

  private static func sign(_ fields: inout HTTPFields, _ body: [UInt8]) {
    let digest = Hex.encode(Digest.sha256(body))
    let lines = ["POST", LauncherStartTests.path, "1772798400", "nonce-0123456789", digest]
    let message = Array(lines.joined(separator: "\n").utf8)
    fields[.signature] = Hex.encode(HMAC.sha256(key: Sample.secret, message: message))
  }

  private static func query(_ random: inout SeededRandom) -> String {
    let names = [
      "cursor", "limit", "cafe", "game", "pc", "from", "to", "region", "status", "preview", "",
    ]
    let values = [
      "", "1", "0", "-1", "1001", "9223372036854775807", "-9223372036854775808",
      "99999999999999999",
      "%", "%0", "%zz", "%00", "%0d%0a", "%ff%fe", "é", "a%20b", "+", "&&", "==", "north,live,gs_",
      "north,9223372036854775807,", ",,", "true", "2026-03-06T12:00:00Z", "9999-99-99T99:99:99Z",
    ]
    return (0..<random.number(1...3)).map { _ in "\(random.pick(names))=\(random.pick(values))" }
      .joined(separator: "&")
  }

  private static func check(_ answer: Answer, _ route: Route) throws {
    guard answer.status < 500 else { throw SupportError("a fault of ours: \(answer)") }
    guard answer.status >= 400 else { return }
    let isVersion1 = route.path.hasPrefix("/v1/")
    let message = isVersion1 ? answer.message : answer.document["error"]?.string
    guard let message, answer.document["success"] == false || answer.document["found"] == false
    else { throw SupportError("no error's shape: \(answer.document.text)") }
    if isVersion1, answer.code == nil { throw SupportError("no code: \(answer.document.text)") }
    guard answer.status == 400 else { return }
    let about = [message] + (answer.document["issues"]?.array ?? []).map(\.text)
    let names = route.body.names + route.others + queryNames
    guard about.contains(where: { text in names.contains { text.contains($0) } }) else {
      throw SupportError("names no field: \(answer.document.text)")
    }
  }

  /// What a refusal may name besides the body's members.
  private static let queryNames = [
    "The body", "Expected object", "Idempotency-Key", "limit", "cafe", "game", "pc", "from", "to",
    "region", "status",
    "preview", "cursor", "month",
  ]
}

extension BodyFuzzTests {
  private static var publicRoutes: [Route] {
    let networks = [Network("203.0.113.0/24")!]
    let launchers = LauncherSessionsDouble {
      $0.access = .success(CafeAccess(launcherSecrets: [Sample.secret], networks: networks))
      $0.start = .success(.started(Sample.launcher))
      $0.token = .success(.issued(Sample.token))
    }
    let pulse = Pulse(playSeconds: .max, remainingSeconds: .max, graceSeconds: .max)
    let games = GameSessionsDouble {
      $0.verify = .success(.started(Sample.session))
      $0.heartbeat = .success(.alive(pulse))
      $0.end = .success(.ended(playSeconds: .max))
    }
    let api = PublicAPI(games: games, launchers: launchers)
    let token = SessionTokens(masterKeys: [Sample.masterKey], partitionCount: 64)
      .token(for: Sample.launcher, of: Sample.name("north"))
    let bearer: HTTPFields = [
      .contentType: "application/json", .authorization: "Bearer " + token,
    ]
    let game = api.client(Client.game)
    let user = "\"\(Sample.user)\""
    let session = "\"\(Sample.session)\""
    let start = HostileJSON.object([
      .init("pc_id", .text("\"PC-07\"")), .init("internal_ip", .text("\"192.168.0.7\"")),
      .init("boot_id", .text("\"b\"")), .init("launcher_version", .text("\"1.0\"")),
      .init("hardware", HostileJSON(["cpu": "\"fast\"", "memory_mb": "32768"])),
    ])
    return [
      Route(
        client: game,
        method: .post,
        path: "/v1/game/session/verify",
        body: HostileJSON(["ott": "\"\(Sample.token)\"", "provider_user_id": user])
      ),
      Route(
        client: game,
        method: .patch,
        path: "/v1/game/session/heartbeat",
        body: HostileJSON(["game_session_id": session, "provider_user_id": user])
      ),
      Route(
        client: game,
        method: .delete,
        path: "/v1/game/session/end",
        body: HostileJSON(["game_session_id": session, "play_duration_sec": "120"])
      ),
      Route(
        client: api.client(LauncherStartTests.fields),
        method: .post,
        path: LauncherStartTests.path,
        body: start
      ),
      Route(
        client: api.client(bearer),
        method: .post,
        path: "/v1/launcher/ott",
        body: HostileJSON(["game_id": "\"river\""])
      ),
    ]
  }

  private static var hostRoutes: [Route] {
    let hosts = PublicAPI.ofHosts().client(Client.host)
    let host = HostileJSON([
      "hostId": "\"pc-1\"", "roomId": "\"room\"", "region": "\"local\"", "status": "\"idle\"",
      "capacity": "2", "availableSlots": "1",
    ])
    let search = HostileJSON.object([
      .init("region", .text("\"local\"")), .init("hostId", .text("\"pc-1\"")),
      .init("fallback", .array([.text("\"us-east-1\""), .text("\"local\"")])),
    ])
    return [
      Route(client: hosts, method: .post, path: "/api/host/heartbeat", body: host),
      Route(
        client: hosts,
        method: .post,
        path: "/api/host/status",
        body: HostileJSON(["hostId": "\"pc-1\"", "status": "\"busy\""])
      ),
      Route(client: hosts, method: .post, path: "/api/match/find", body: search),
      Route(client: hosts, method: .get, path: "/api/hosts", body: host),
      Route(client: hosts, method: .get, path: "/api/hosts/ttl", body: host),
    ]
  }

  private static var adminRoutes: [Route] {
    let api = ManagementAPI(
      administration: AdministrationDouble(),
      accounting: AccountingDouble(),
      hosts: HostsDouble(),
      readiness: ReadinessDouble(),
      adminTokens: ["admin-token"],
      listener: .loopback()
    )
    let fields: HTTPFields = [
      .contentType: "application/json", .authorization: "Bearer admin-token",
    ]
    let client = Client(responder: api.responder, fields: fields)
    func route(
      _ method: HTTPRequest.Method,
      _ path: String,
      _ members: KeyValuePairs<String, String> = [:],
      others: [String] = []
    ) -> Route {
      let body = HostileJSON(members)
      return Route(
        client: client,
        method: method,
        path: "/v1/admin/" + path,
        body: body,
        others: others
      )
    }
    return [
      route(
        .post,
        "games",
        [
          "game_id": "\"sea\"", "name": "\"Sea\"", "rate_mgcoin_per_hour": "60",
          "launch_url": "\"roblox://1\"", "enabled": "true",
        ]
      ),
      route(
        .patch,
        "games/river",
        ["name": "\"Sea\"", "rate_mgcoin_per_hour": "60", "launch_url": "\"a\"", "enabled": "true"]
      ),
      route(
        .post,
        "cafes",
        ["cafe_id": "\"south\"", "name": "\"South\"", "networks": "[\"10.0.0.0/8\",\"::1\"]"]
      ),
      route(.post, "cafes/north/topups", ["amount_mgcoin": "5", "ref": "\"i-1\""]),
      route(
        .post,
        "cafes/north/adjustments",
        ["amount_mgcoin": "-5", "ref": "\"i-1\"", "reason": "\"typo\""]
      ),
      route(
        .post,
        "cafes/north/compensations",
        ["from": "0", "to": "\"2026-03-06T12:00:00Z\"", "percent": "50", "ref": "\"i-1\""]
      ),
      route(.post, "cafes/north/suspend", ["end_sessions": "true"]),
      route(.post, "cafes/north/rotate-secret", ["revoke_previous": "true"]),
      route(.post, "holds", ["cafe_id": "\"north\"", "game_id": "\"river\""]),
      route(.post, "hosts/pc-1/drain", ["undo": "true"]),
      route(.get, "sessions"), route(.get, "cafes"), route(.get, "games"), route(.get, "hosts"),
      route(.get, "settlements/2026-10"),
      route(.delete, "holds"),
    ]
  }
}
