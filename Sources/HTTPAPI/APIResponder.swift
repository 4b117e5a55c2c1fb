import CoreMetrics
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// What we keep of a connection for its requests.
struct ConnectionContext: InitializableFromSource {
  let peer: SocketAddress?

  init(source: ApplicationRequestContextSource) {
    peer = source.channel.remoteAddress
  }

  init(peer: SocketAddress?) {
    self.peer = peer
  }
}

/// Answers every request that reaches us.
///
/// It holds the first part of the order of checks (route and method, then size); the endpoint goes
/// on with credentials, content type, body and rule. Nothing it does throws, so no response of the
/// framework's making gets out.
struct APIResponder: HTTPResponder {
  /// Longer paths are none of ours and would only fill the log.
  private static let loggedPathLength = 200

  let routes: RouteTable
  let metrics: RequestMetrics
  let logger: Logger
  /// What `/api` has on its responses; nil for a listener without it.
  var crossOrigin: CrossOrigin?

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    let start = ContinuousClock.now
    metrics.inFlight.increment()
    defer { metrics.inFlight.decrement() }
    let requestID = RequestID.of(request.headers)
    let uri = request.uri
    let match = routes.match(request.method, uri.path)
    // The body is read first, for a connection on which it was not is of no further use; it is
    // judged in its turn.
    let body = await BoundedBody.read(request)
    var reply: Reply
    do {
      reply = try await answer(match, request, uri, requestID, body, context)
    } catch {
      let failure = ErrorMap.error(for: error)
      reply = ErrorMap.reply(for: failure, path: uri.path, requestID: requestID)
      logFailure(failure, cause: error, request, requestID)
    }
    if let crossOrigin, CrossOrigin.covers(uri.path) {
      crossOrigin.add(to: &reply.fields, for: request.headers)
    }
    let duration = ContinuousClock.now - start
    routeMetrics(match, request.method, uri.path).record(reply.status, duration)
    logAccess(request, reply.status, duration, requestID)
    var response = reply.response(requestID: requestID)
    // A client that asked for it must be able to tell the announced end from a broken connection.
    if !body.isComplete || request.headers[.connection] == "close" {
      response.headers[.connection] = "close"
    }
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(
    _ match: RouteTable.Match,
    _ request: Request,
    _ uri: URI,
    _ requestID: String,
    _ body: BoundedBody,
    _ context: ConnectionContext
  ) async throws -> Reply {
    if isPreflight(request.method, uri.path) { return Reply(.noContent, nil) }
    let (endpoint, parameters) = try find(match)
    let call = Call(
      requestID: requestID,
      method: request.method,
      path: uri.path,
      uri: uri,
      fields: request.headers,
      parameters: parameters,
      body: try bytes(of: body),
      peer: context.peer
    )
    return try await endpoint.answer(call)
  }

  private func isPreflight(_ method: HTTPRequest.Method, _ path: String) -> Bool {
    crossOrigin != nil && CrossOrigin.isPreflight(method, path)
  }

  private func routeMetrics(
    _ match: RouteTable.Match,
    _ method: HTTPRequest.Method,
    _ path: String
  ) -> RouteMetrics {
    if isPreflight(method, path) { return metrics.preflight }
    if case .endpoint(let endpoint, _) = match, let own = endpoint.metrics { return own }
    return metrics.unmatched
  }

  private func find(_ match: RouteTable.Match) throws(APIError) -> (Endpoint, [String: String]) {
    switch match {
    case .endpoint(let endpoint, let parameters):
      return (endpoint, parameters)
    case .wrongMethod(let allowed):
      let methods = allowed.joined(separator: ", ")
      throw APIError(.methodNotAllowed, "This path takes \(methods).", fields: [.allow: methods])
    case .unknownPath:
      throw APIError(.notFound, "There is nothing at this path.")
    }
  }

  private func bytes(of body: BoundedBody) throws(APIError) -> [UInt8] {
    switch body {
    case .complete(let bytes):
      return bytes
    case .tooLarge:
      let limit = BoundedBody.maximumBytes
      throw APIError(.payloadTooLarge, "The body must be at most \(limit) bytes.")
    case .unreadable:
      throw APIError(.badRequest, "The body is malformed.")
    }
  }

  private func logAccess(
    _ request: Request,
    _ status: HTTPResponse.Status,
    _ duration: Duration,
    _ requestID: String
  ) {
    logger.debug(
      "request",
      metadata: [
        "method": .string(request.method.rawValue),
        "path": .string(loggedPath(request)),
        "status": .stringConvertible(status.code),
        "duration": .stringConvertible(duration),
        "request_id": .string(requestID),
      ]
    )
  }

  /// A failure of ours with its cause, which the caller does not get to see.
  private func logFailure(
    _ failure: APIError,
    cause: any Error,
    _ request: Request,
    _ requestID: String
  ) {
    guard failure.code.status.kind == .serverError else { return }
    logger.error(
      "request failed",
      metadata: [
        "method": .string(request.method.rawValue),
        "path": .string(loggedPath(request)),
        "code": .string(failure.code.rawValue),
        "cause": .string("\(cause)"),
        "request_id": .string(requestID),
      ]
    )
  }

  private func loggedPath(_ request: Request) -> String {
    String(request.uri.path.prefix(Self.loggedPathLength))
  }
}
