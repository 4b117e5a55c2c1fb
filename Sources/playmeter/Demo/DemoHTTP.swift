import AsyncHTTPClient
import HTTPAPI
import JSON
import NIOCore
import NIOHTTP1

/// Requests of the demonstration to one listener of the service, each with a deadline.
struct DemoHTTP: Sendable {
  /// The service answers within 2 s even when Redis is away.
  static let answerLimit = TimeAmount.seconds(5)
  /// More than a page of sessions takes.
  private static let maximumAnswerBytes = 1 << 20

  let client: HTTPClient
  /// Scheme, host and port, without a slash at the end.
  let baseURL: String

  /// Gives `body` a client that is closed afterwards. The read timeout guards the body of an
  /// answer, for which the deadline of the request does not count.
  static func withClient<Result>(
    _ body: (HTTPClient) async throws -> Result
  ) async throws -> Result {
    let timeout = HTTPClient.Configuration.Timeout(connect: answerLimit, read: answerLimit)
    return try await HTTPClient.withHTTPClient(
      configuration: HTTPClient.Configuration(timeout: timeout),
      body
    )
  }

  /// Sends a request. An answer of any status is returned.
  ///
  /// - Throws: ``DemoError/noAnswer(request:reason:)``.
  func send(
    _ method: HTTPMethod,
    _ path: String,
    headers: [(String, String)] = [],
    body: [UInt8]? = nil
  ) async throws(DemoError) -> DemoAnswer {
    let name = "\(method.rawValue) \(path)"
    do {
      var request = HTTPClientRequest(url: baseURL + path)
      request.method = method
      request.headers.add(contentsOf: headers)
      if let body {
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(body)
      }
      let response = try await client.execute(request, timeout: Self.answerLimit)
      let bytes = try await response.body.collect(upTo: Self.maximumAnswerBytes)
      return DemoAnswer(
        request: name,
        status: Int(response.status.code),
        document: try JSONValue(bytes: Array(bytes.readableBytesView))
      )
    } catch {
      throw .noAnswer(request: name, reason: "\(error)")
    }
  }
}

/// What the service answered to a request under `/v1`.
struct DemoAnswer: Sendable {
  /// Method and path, for messages.
  let request: String
  let status: Int
  let document: JSONValue

  /// The code of an error, or nothing.
  var code: String { document["error"]?["code"]?.string ?? "" }
  /// Whether the fault is the service's and passes: clients then try again at their next heartbeat.
  var isPassingFault: Bool { status >= 500 }

  /// The data of a success.
  func data() throws(DemoError) -> JSONValue {
    guard status == 200, let data = document["data"] else {
      throw .refused(request: request, status: status, code: code)
    }
    return data
  }

  /// A text that the data of a success must have.
  func string(_ name: String) throws(DemoError) -> String {
    guard let text = try data()[name]?.string else {
      throw .incomplete(request: request, missing: name)
    }
    return text
  }

  /// An integer that the data of a success must have.
  func integer(_ name: String) throws(DemoError) -> Int64 {
    guard let number = try data()[name]?.integer else {
      throw .incomplete(request: request, missing: name)
    }
    return number
  }
}
