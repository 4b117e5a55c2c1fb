import Domain
import HTTPTypes
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPAPI

@Suite("Every request")
struct OrderOfChecksTests {
  private static let path = "/v1/game/session/verify"
  private static let large = String(repeating: "x", count: 16 * 1024 + 1)

  @Test("Route and method are checked before the size")
  func routeFirst() async throws {
    let client = PublicAPI().client()
    let unknown = try await client.send(.post, "/v1/nothing", body: Self.large)
    #expect((unknown.status, unknown.code) == (404, "NOT_FOUND"))
    let wrongMethod = try await client.send(.get, Self.path, body: Self.large)
    #expect((wrongMethod.status, wrongMethod.code) == (405, "METHOD_NOT_ALLOWED"))
    #expect(wrongMethod.fields[.allow] == "POST")
  }

  @Test("The size is checked before the credentials, and 16 KiB are still read")
  func sizeSecond() async throws {
    let answer = try await PublicAPI().client().send(.post, Self.path, body: Self.large)
    #expect((answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE"))
    #expect(answer.fields[.connection] == "close")
    let fits = String(Self.large.dropLast())
    #expect(try await PublicAPI().client().send(.post, Self.path, body: fits).status == 401)
  }

  @Test("An announced size is refused without reading")
  func announcedSize() async throws {
    for length in ["16385", "99999999999999999999", "-1"] {
      let fields: HTTPFields = [.contentLength: length]
      let answer = try await PublicAPI().client(fields).send(.post, Self.path, body: "{}")
      #expect(answer.code == (length == "-1" ? "INVALID_API_KEY" : "PAYLOAD_TOO_LARGE"))
    }
  }

  @Test("Credentials are checked before the content type, the type before the body")
  func credentialsThird() async throws {
    let api = PublicAPI()
    let noKey = try await api.client([.contentType: "text/plain"]).send(.post, Self.path, body: "{")
    #expect(noKey.code == "INVALID_API_KEY")
    let fields: HTTPFields = [.apiKey: Sample.apiKey, .contentType: "text/plain"]
    let wrongType = try await api.client(fields).send(.post, Self.path, body: "{")
    #expect((wrongType.status, wrongType.code) == (415, "UNSUPPORTED_MEDIA_TYPE"))
    let badBody = try await api.client(Client.game).send(.post, Self.path, body: "{")
    #expect((badBody.status, badBody.code) == (400, "BAD_REQUEST"))
  }

  @Test(
    "The content type is application/json, with parameters, repeated only as it was",
    arguments: [
      ([], false), (["application/json"], true), (["Application/JSON"], true),
      (["application/json; charset=utf-8"], true), (["application/json ;charset=utf-8"], true),
      (["application/json", "application/json"], true),
      (["application/json, application/json"], true),
      (["application/json", "text/plain"], false), (["application/json, text/plain"], false),
      (["text/plain"], false), (["application/jsonx"], false), ([""], false),
    ] as [([String], Bool)]
  )
  func contentType(values: [String], isAccepted: Bool) throws {
    let fields = RequestFields(HTTPHeaders(values.map { ("content-type", $0) }))
    if isAccepted {
      try ContentType.requireJSON(fields)
    } else {
      #expect(throws: APIError.self) { try ContentType.requireJSON(fields) }
    }
  }

  @Test("The client's request id is kept when it is harmless")
  func requestID() async throws {
    let longest = String(repeating: "a", count: 128)
    for (given, isKept) in [
      ("a-B_9.z", true), (longest, true), (longest + "a", false), ("a b", false), ("", false),
      ("a,b", false), ("é", false),
    ] {
      let answer = try await PublicAPI().client([.requestID: given]).send(.get, "/v1/nothing")
      let id = try #require(answer.fields[.requestID])
      #expect((id == given) == isKept)
      #expect(answer.document["request_id"]?.string == id)
      if !isKept { #expect(id.hasPrefix("req_") && id.count == 36) }
    }
  }

  @Test("Every answer has a request id and is JSON, whatever it says")
  func requestIDEverywhere() async throws {
    let client = PublicAPI().client()
    for (method, path) in [
      (HTTPRequest.Method.get, "/healthz"), (.get, "/readyz"), (.get, "/"), (.get, "/v1"),
      (.post, "/healthz"), (.delete, Self.path), (.post, Self.path), (.options, Self.path),
    ] {
      let answer = try await client.send(method, path)
      #expect(answer.fields[.requestID]?.hasPrefix("req_") == true)
      #expect(answer.fields[.contentType] == "application/json")
      #expect(answer.document != .null)
    }
  }

  @Test("An error under /v1 has the envelope, with the time in UTC")
  func envelope() async throws {
    let answer = try await PublicAPI().client().send(.get, "/v1/nothing")
    #expect(answer.document["success"] == false)
    let error = try #require(answer.document["error"])
    guard case .object(let members) = error else { return #expect(Bool(false)) }
    #expect(members.map(\.name) == ["code", "message", "timestamp"])
    let timestamp = try #require(error["timestamp"]?.string)
    let instant = try #require(Timestamp.instant(of: timestamp))
    #expect(timestamp.count == 24 && timestamp.hasSuffix("Z"))
    #expect(abs(instant.milliseconds - WallClock.now().milliseconds) < 60_000)
  }

  @Test("An error elsewhere is JSON with the text alone")
  func plainError() async throws {
    let answer = try await PublicAPI().client().send(.get, "/nothing")
    #expect(answer.status == 404)
    #expect(answer.document == ["success": false, "error": "There is nothing at this path."])
  }

  @Test("HEAD is GET without the body, and Allow lists it")
  func head() async throws {
    let client = PublicAPI().client()
    let head = try await client.send(.head, "/healthz")
    #expect(head.status == 200)
    #expect(head.document == .null)
    #expect(head.fields[.contentLength] == "15")
    let post = try await client.send(.post, "/healthz")
    #expect((post.status, post.fields[.allow]) == (405, "GET, HEAD"))
  }

  @Test("A path is taken to the letter", arguments: ["/", "//", "/?x=1", "/%66"])
  func exactPath(suffix: String) async throws {
    let answer = try await PublicAPI().client().send(.get, "/healthz" + suffix)
    #expect(answer.status == 404)
    #expect(try await PublicAPI().client().send(.get, "/healthz?x=1").status == 200)
  }

  @Test("A fault of ours is 503 or 500, tells the caller nothing and the log everything")
  func faults() async throws {
    for (fault, status, code) in [
      (ServiceFault.unavailable("redis at 10.0.0.1 is away"), 503, "UNAVAILABLE"),
      (.broken("meter without a rate, 10.0.0.1"), 500, "INTERNAL_ERROR"),
    ] {
      let log = LogDouble()
      let listener = Listener.loopback(logger: Logger(label: "test") { _ in log })
      let games = GameSessionsDouble { $0.verify = .failure(fault) }
      let answer = try await PublicAPI(games: games, listener: listener).client(Client.game)
        .send(.post, Self.path, body: #"{"ott":"\#(Sample.token)","provider_user_id":"1"}"#)
      #expect((answer.status, answer.code) == (status, code))
      #expect(answer.fields[.retryAfter] == (status == 503 ? "1" : nil))
      #expect(!answer.document.text.contains("10.0.0.1"))
      let errors = log.lines.all.filter { $0.hasPrefix("error") }
      #expect(errors.count == 1 && errors[0].contains("10.0.0.1"))
    }
  }

  @Test("A catalogue that cannot answer is 503, not an unknown key")
  func catalogAway() async throws {
    let catalog = CatalogDouble(fault: .unavailable("never read"))
    let answer = try await PublicAPI(catalog: catalog).client(Client.game)
      .send(.post, Self.path, body: "{}")
    #expect((answer.status, answer.code) == (503, "UNAVAILABLE"))
  }

  @Test("The access log has one line per request and no secret")
  func accessLog() async throws {
    let log = LogDouble()
    let listener = Listener.loopback(logger: Logger(label: "test") { _ in log })
    var fields = Client.game
    fields[.authorization] = "Bearer a-secret"
    fields[.requestID] = "mine"
    _ = try await PublicAPI(listener: listener).client(fields)
      .send(.post, Self.path + "?token=a-secret", body: #"{"ott":"x","provider_user_id":"1"}"#)
    let lines = log.lines.all
    #expect(lines.count == 1)
    #expect(lines[0].hasPrefix("debug request"))
    for part in ["POST", Self.path, "200", "mine", "duration"] { #expect(lines[0].contains(part)) }
    #expect(!lines[0].contains("a-secret") && !lines[0].contains(Sample.apiKey))
  }

  @Test("A status is never 404 or 410 for what the caller is not to blame for")
  func errorMap() {
    let errors: [any Error] = [
      ServiceFault.broken(""), ServiceFault.unavailable(""), CancellationError(),
      AdministrationError.fault(.broken("")), JSONError(reason: .tooDeep, offset: 0),
      ChannelError.ioOnClosedChannel,
    ]
    for error in errors {
      let status = ErrorMap.error(for: error).code.status
      #expect(status != .notFound && status != .gone)
    }
  }
}
