import Domain
import HTTPTypes
import JSON
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import HTTPAPI

/// A response as a test looks at it.
struct Answer: Sendable {
  let status: Int
  let fields: HTTPFields
  let text: String
  /// The body as JSON; null for any other.
  let document: JSONValue

  /// `data` of a success.
  var data: JSONValue? { document["data"] }
  /// `error.code` of a failure.
  var code: String? { document["error"]?["code"]?.string }
  /// `error.message` of a failure.
  var message: String? { document["error"]?["message"]?.string }
}

/// Sends requests to an API without a network.
struct Client: Sendable {
  let responder: APIResponder
  /// Sent with every request that does not say otherwise.
  var fields: HTTPFields = [:]

  static let json: HTTPFields = [.contentType: "application/json"]
  static let game: HTTPFields = [.contentType: "application/json", .apiKey: Sample.apiKey]

  func send(
    _ method: HTTPRequest.Method,
    _ path: String,
    fields: HTTPFields? = nil,
    body: String = "",
    peer: String = "203.0.113.9"
  ) async throws -> Answer {
    try await send(method, path, fields: fields, bytes: Array(body.utf8), peer: peer)
  }

  /// The same with a body that need be no text.
  func send(
    _ method: HTTPRequest.Method,
    _ path: String,
    fields: HTTPFields? = nil,
    bytes: [UInt8],
    peer: String = "203.0.113.9"
  ) async throws -> Answer {
    let fields = (fields ?? self.fields).map { ($0.name.rawName, $0.value) }
    let head = HTTPRequestHead(
      version: .http1_1,
      method: HTTPMethod(rawValue: method.rawValue),
      uri: path,
      headers: HTTPHeaders(fields)
    )
    let request = IncomingRequest(
      head: RequestHead(head),
      body: Self.body(head, bytes),
      peer: IPAddress(peer)
    )
    let response = await responder.respond(to: request)
    return try Answer(String(buffer: response.encoded(isLast: response.isLast)))
  }

  /// The body as a connection would hand it out.
  private static func body(_ head: HTTPRequestHead, _ bytes: [UInt8]) -> BoundedBody {
    var state = HTTPConnectionHandler.StateMachine(maximumBodyBytes: 16 * 1024)
    _ = state.received(.head(head))
    _ = state.received(.body(ByteBuffer(bytes: bytes)))
    _ = state.received(.end(nil))
    guard case .request(_, let body) = state.next() else { return .unreadable }
    return body
  }
}

extension Answer {
  /// A response's bytes.
  fileprivate init(_ text: String) throws {
    let end = try #require(text.firstRange(of: "\r\n\r\n"))
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    var fields = HTTPFields()
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try #require(HTTPField.Name(String(parts[0])))
      fields.append(HTTPField(name: name, value: String(parts[1])))
    }
    let body = String(text[end.upperBound...])
    let isJSON = fields[.contentType] == "application/json" && !body.isEmpty
    self.init(
      status: try #require(Int(lines[0].split(separator: " ")[1])),
      fields: fields,
      text: body,
      document: isJSON ? try JSONValue(text: body) : .null
    )
  }
}

extension Listener {
  /// A listener on a free port of the loopback interface.
  static func loopback(
    _ group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    metrics: RequestMetrics = .none,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> Listener {
    Listener(
      host: "127.0.0.1",
      port: 0,
      executors: EventLoopExecutors(group),
      logger: logger,
      metrics: metrics,
      onListening: { onListening($0.port ?? 0) }
    )
  }
}

extension PublicAPI {
  /// An API over doubles whose clock stands at the signature vector's time.
  init(
    games: GameSessionsDouble = GameSessionsDouble(),
    launchers: LauncherSessionsDouble = LauncherSessionsDouble(),
    catalog: CatalogDouble = Sample.catalog,
    readiness: ReadinessDouble = ReadinessDouble(),
    trustedProxies: [Network] = [],
    hosts: HostAPI? = nil,
    limits: RequestLimits = RequestLimits(),
    listener: Listener = .loopback(),
    clock: ClockDouble = ClockDouble()
  ) {
    self.init(
      gameSessions: games,
      launcherSessions: launchers,
      catalog: catalog,
      readiness: readiness,
      timings: Timings(),
      partitionCount: Sample.partitionCount,
      trustedProxies: trustedProxies,
      masterKeys: [Sample.masterKey],
      hosts: hosts,
      limits: limits,
      listener: listener,
      clock: clock.now,
      now: { 1_772_798_400 }
    )
  }

  func client(_ fields: HTTPFields = [:]) -> Client {
    Client(responder: responder, fields: fields)
  }
}
