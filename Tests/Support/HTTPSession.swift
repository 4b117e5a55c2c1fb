import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
public import NIOSSL

/// Requests to one listener of this machine, as a well-behaved client sends them. See ``RawHTTP``
/// for the others.
public struct HTTPSession: Sendable {
  /// What came back.
  public struct Answer: Sendable {
    public let status: Int
    /// In the order in which they came; a repeated header is there repeatedly.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    /// The first value of that header, whatever the case of its name.
    public func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Throws ``SupportError`` when the body is no JSON.
    public var json: JSONView {
      get throws { try JSONView(body) }
    }
  }

  /// Larger than any answer of the service.
  private static let largestAnswer = 64 << 20

  /// A refused connection is an answer to a test, so it is not tried again. Lives as long as the
  /// test process, hence is never shut down.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()

  public let port: Int
  /// Sent with every request, such as `X-Api-Key`; a request's own header of exactly that name
  /// replaces it.
  public var headers: [String: String]
  /// What it speaks TLS with; nil for plain HTTP.
  public var tls: TLSConfiguration?

  public init(port: Int, headers: [String: String] = [:], tls: TLSConfiguration? = nil) {
    self.port = port
    self.headers = headers
    self.tls = tls
  }

  /// Sends a body of any bytes, or none. Nothing is added to the headers but what HTTP demands.
  /// Throws when there is no answer within `limit`; an HTTP error status is an answer.
  public func send(
    _ method: String,
    _ path: String,
    headers own: [String: String] = [:],
    body: [UInt8]? = nil,
    within limit: Duration = .seconds(10)
  ) async throws -> Answer {
    let server = tls == nil ? "http://127.0.0.1" : "https://localhost"
    var request = HTTPClientRequest(url: "\(server):\(port)\(path)")
    request.tlsConfiguration = tls
    request.method = HTTPMethod(rawValue: method)
    request.headers.add(contentsOf: headers.merging(own) { _, own in own }.map { ($0, $1) })
    if let body {
      request.body = .bytes(body)
    }
    let deadline = NIODeadline.now() + TimeAmount(limit)
    let response = try await Self.client.execute(request, deadline: deadline)
    let bytes = try await response.body.collect(upTo: Self.largestAnswer)
    return Answer(
      status: Int(response.status.code),
      headers: response.headers.map { ($0.name, $0.value) },
      body: Array(bytes.readableBytesView)
    )
  }

  /// Sends JSON text with `Content-Type: application/json`.
  public func send(
    _ method: String,
    _ path: String,
    headers own: [String: String] = [:],
    json: String,
    within limit: Duration = .seconds(10)
  ) async throws -> Answer {
    let typed = own.merging(["Content-Type": "application/json"]) { own, _ in own }
    return try await send(method, path, headers: typed, body: Array(json.utf8), within: limit)
  }
}
