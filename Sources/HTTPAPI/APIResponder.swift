import CoreMetrics
import HTTPTypes
import Logging
import NIOCore

/// Answers every request that reaches us.
///
/// It holds the first part of the order of checks (route and method, then size); the endpoint goes
/// on with credentials, content type, body and rule. Nothing it does throws.
struct APIResponder: Sendable {
  /// Longer paths are none of ours and would only fill the log.
  private static let loggedPathLength = 200

  let routes: RouteTable
  let metrics: RequestMetrics
  let logger: Logger
  /// What callers are limited by.
  let callers: CallerLimits
  /// How many requests may be in flight; nil for as many as come.
  let inFlight: InFlightLimit?
  /// What `/api` has on its responses; nil for a listener without it.
  let crossOrigin: CrossOrigin?
  private let date = ResponseDate()
  private let requestIDs = RequestIDs()

  init(
    routes: RouteTable,
    metrics: RequestMetrics,
    logger: Logger,
    callers: CallerLimits,
    inFlight: InFlightLimit? = nil,
    crossOrigin: CrossOrigin? = nil
  ) {
    self.routes = routes
    self.metrics = metrics
    self.logger = logger
    self.callers = callers
    self.inFlight = inFlight
    self.crossOrigin = crossOrigin
  }

  func respond(to request: IncomingRequest) async -> OutgoingResponse {
    let start = NIODeadline.now()
    metrics.inFlight.increment()
    defer { metrics.inFlight.decrement() }
    let requestID = requestIDs.id(for: request.fields)
    let match = routes.match(request.method, request.path)
    let isLimited = !match.isProbe
    let reply: Reply
    if isLimited, inFlight?.enter() == false {
      reply = tooManyInFlight(request, requestID)
    } else {
      defer { if isLimited { inFlight?.leave() } }
      do {
        if isPreflight(request) {
          reply = Reply(.noContent, nil)
        } else {
          let (endpoint, call) = try call(match, request, requestID)
          reply = try await endpoint.answer(call)
        }
      } catch {
        reply = failed(error, request, requestID)
      }
    }
    let duration = NIODeadline.now() - start
    routeMetrics(match, request).record(reply.status, duration)
    logAccess(request, reply.status, duration, requestID)
    return OutgoingResponse(
      reply: reply,
      requestID: requestID,
      date: date.text(at: WallClock.seconds()),
      crossOriginLines: crossOriginLines(for: request),
      isHead: request.method == .head,
      isLast: !request.isKeepAlive || !request.body.isComplete
    )
  }

  /// The answer to bytes that are no request, after which the connection ends.
  func refusal(_ status: HTTPResponse.Status) -> OutgoingResponse {
    OutgoingResponse(
      reply: Reply(status, nil),
      requestID: requestIDs.random(),
      date: date.text(at: WallClock.seconds()),
      crossOriginLines: "",
      isHead: false,
      isLast: true
    )
  }

  /// No failure, so nothing for the log: an attacker could fill it.
  private func tooManyInFlight(_ request: IncomingRequest, _ requestID: String) -> Reply {
    metrics.limited(by: .requestsInFlight)
    let error = APIError(
      .unavailable,
      "Too many requests are in flight; try again.",
      fields: [.retryAfter: "1"]
    )
    return ErrorMap.reply(for: error, path: request.path, requestID: requestID)
  }

  private func failed(
    _ error: any Error,
    _ request: IncomingRequest,
    _ requestID: String
  ) -> Reply {
    let failure = ErrorMap.error(for: error)
    logFailure(failure, cause: error, request, requestID)
    let told = callers.told(failure, request)
    return ErrorMap.reply(for: told, path: request.path, requestID: requestID)
  }

  /// The endpoint of a request, and the request as the endpoint sees it.
  private func call(
    _ match: RouteTable.Match,
    _ request: IncomingRequest,
    _ requestID: String
  ) throws(APIError) -> (Endpoint, Call) {
    let (endpoint, parameters) = try find(match)
    let body = try bytes(of: request.body)
    let call = Call(requestID: requestID, request: request, parameters: parameters, body: body)
    return (endpoint, call)
  }

  private func crossOriginLines(for request: IncomingRequest) -> String {
    guard let crossOrigin, CrossOrigin.covers(request.path) else { return "" }
    return crossOrigin.lines(for: request.fields)
  }

  private func isPreflight(_ request: IncomingRequest) -> Bool {
    crossOrigin != nil && CrossOrigin.isPreflight(request.method, request.path)
  }

  private func routeMetrics(_ match: RouteTable.Match, _ request: IncomingRequest) -> RouteMetrics {
    if isPreflight(request) { return metrics.preflight }
    guard case .endpoint(let endpoint, _) = match else { return metrics.unmatched }
    return endpoint.metrics ?? metrics.unmatched
  }

  private func find(
    _ match: RouteTable.Match
  ) throws(APIError) -> (Endpoint, [String: String]) {
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
    case .tooLarge(let limit):
      metrics.limited(by: .bodySize)
      throw APIError(.payloadTooLarge, "The body must be at most \(limit) bytes.")
    case .unreadable:
      throw APIError(.badRequest, "The body is malformed.")
    }
  }

  private func logAccess(
    _ request: IncomingRequest,
    _ status: HTTPResponse.Status,
    _ duration: TimeAmount,
    _ requestID: String
  ) {
    logger.debug(
      "request",
      metadata: [
        "method": .string(request.method.rawValue),
        "path": .string(loggedPath(request)),
        "status": .stringConvertible(status.code),
        "duration": .stringConvertible(Duration(duration)),
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
