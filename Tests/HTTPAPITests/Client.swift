import Domain
import HTTPTypes
import HummingbirdCore
import JSON
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import HTTPAPI

/// A response as a test looks at it.
struct Answer: Sendable {
  let status: Int
  let fields: HTTPFields
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
    let head = HTTPRequest(
      method: method,
      scheme: "http",
      authority: "localhost",
      path: path,
      headerFields: fields ?? self.fields
    )
    let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
    let peer = try SocketAddress(ipAddress: peer, port: 1)
    let context = ConnectionContext(peer: peer)
    let response = try await responder.respond(to: request, context: context)
    let writer = CollectingWriter()
    try await response.body.write(writer)
    return Answer(
      status: response.status.code,
      fields: response.headers,
      document: writer.bytes.isEmpty ? .null : try JSONValue(bytes: writer.bytes)
    )
  }
}

private final class CollectingWriter: ResponseBodyWriter {
  private(set) var bytes: [UInt8] = []

  func write(_ buffer: ByteBuffer) async throws {
    bytes.append(contentsOf: buffer.readableBytesView)
  }

  func finish(_: HTTPFields?) async throws {}
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
      onListening: onListening
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
    listener: Listener = .loopback()
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
      listener: listener,
      now: { 1_772_798_400 }
    )
  }

  func client(_ fields: HTTPFields = [:]) -> Client {
    Client(responder: responder, fields: fields)
  }
}
