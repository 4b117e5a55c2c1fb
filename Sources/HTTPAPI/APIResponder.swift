import HTTPTypes
import Logging

/// Answers every request that reaches us.
///
/// It holds the first part of the order of checks (route and method, then size); the endpoint goes
/// on with credentials, content type, body and rule. Nothing it does throws.
struct APIResponder: Sendable {
  /// Longer paths are none of ours and would only fill the log.
  private static let loggedPathLength = 200

  let routes: RouteTable
  let logger: Logger
  /// What `/api` has on its responses; nil for a listener without it.
  let crossOrigin: CrossOrigin?
  private let date = ResponseDate()
  private let requestIDs = RequestIDs()

  init(routes: RouteTable, logger: Logger, crossOrigin: CrossOrigin? = nil) {
    self.routes = routes
    self.logger = logger
    self.crossOrigin = crossOrigin
  }

  func respond(to request: IncomingRequest) async -> OutgoingResponse {
    let start = ContinuousClock.now
    let requestID = requestIDs.id(for: request.fields)
    let reply: Reply
    do {
      reply = try await answer(request, requestID)
    } catch {
      let failure = ErrorMap.error(for: error)
      reply = ErrorMap.reply(for: failure, path: request.path, requestID: requestID)
      logFailure(failure, cause: error, request, requestID)
    }
    logAccess(request, reply.status, since: start, requestID)
    return OutgoingResponse(
      reply: reply,
      requestID: requestID,
      date: date.text(at: WallClock.seconds()),
      crossOriginLines: crossOriginLines(for: request),
      isHead: request.method == .head,
      isLast: !request.isKeepAlive || !request.body.isComplete
    )
  }

  /// The answer to bytes that are no HTTP.
  func refusalOfNoHTTP() -> OutgoingResponse {
    OutgoingResponse(
      reply: Reply(.badRequest, nil),
      requestID: requestIDs.random(),
      date: date.text(at: WallClock.seconds()),
      crossOriginLines: "",
      isHead: false,
      isLast: true
    )
  }

  private func answer(_ request: IncomingRequest, _ requestID: String) async throws -> Reply {
    if crossOrigin != nil, CrossOrigin.isPreflight(request.method, request.path) {
      return Reply(.noContent, nil)
    }
    let (endpoint, parameters) = try find(request.method, request.path)
    let body = try bytes(of: request.body)
    return try await endpoint.answer(
      Call(requestID: requestID, request: request, parameters: parameters, body: body)
    )
  }

  private func crossOriginLines(for request: IncomingRequest) -> String {
    guard let crossOrigin, CrossOrigin.covers(request.path) else { return "" }
    return crossOrigin.lines(for: request.fields)
  }

  private func find(
    _ method: HTTPRequest.Method,
    _ path: String
  ) throws(APIError) -> (Endpoint, [String: String]) {
    switch routes.match(method, path) {
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
    _ request: IncomingRequest,
    _ status: HTTPResponse.Status,
    since start: ContinuousClock.Instant,
    _ requestID: String
  ) {
    logger.debug(
      "request",
      metadata: [
        "method": .string(request.method.rawValue),
        "path": .string(loggedPath(request)),
        "status": .stringConvertible(status.code),
        "duration": .stringConvertible(ContinuousClock.now - start),
        "request_id": .string(requestID),
      ]
    )
  }

  /// A failure of ours with its cause, which the caller does not get to see.
  private func logFailure(
    _ failure: APIError,
    cause: any Error,
    _ request: IncomingRequest,
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

  private func loggedPath(_ request: IncomingRequest) -> String {
    String(request.path.prefix(Self.loggedPathLength))
  }
}
