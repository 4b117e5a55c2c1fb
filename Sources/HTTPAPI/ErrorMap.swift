import Domain
import HTTPTypes
import JSON

/// The codes of errors under `/v1`; clients decide by them.
enum ErrorCode: String, Sendable, CaseIterable {
  case badRequest = "BAD_REQUEST"
  case notFound = "NOT_FOUND"
  case methodNotAllowed = "METHOD_NOT_ALLOWED"
  case payloadTooLarge = "PAYLOAD_TOO_LARGE"
  case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
  case rateLimited = "RATE_LIMITED"
  case internalError = "INTERNAL_ERROR"
  case unavailable = "UNAVAILABLE"
  case invalidAPIKey = "INVALID_API_KEY"
  case invalidSignature = "INVALID_SIGNATURE"
  case invalidSessionToken = "INVALID_SESSION_TOKEN"
  case invalidAdminToken = "INVALID_ADMIN_TOKEN"
  case clientCertificateRequired = "CLIENT_CERTIFICATE_REQUIRED"
  case notPCCafe = "NOT_PC_CAFE"
  case cafeSuspended = "CAFE_SUSPENDED"
  case cafeNotFound = "CAFE_NOT_FOUND"
  case gameNotFound = "GAME_NOT_FOUND"
  case sessionNotFound = "SESSION_NOT_FOUND"
  case notChargeable = "NOT_CHARGEABLE"
  case alreadyEnded = "ALREADY_ENDED"
  case conflict = "CONFLICT"
  case sessionEnding = "SESSION_ENDING"
  case sessionEnded = "SESSION_ENDED"
  // The host API's errors have no codes; these two only stand for their statuses.
  case missingHostSecret = "MISSING_HOST_SECRET"
  case invalidHostSecret = "INVALID_HOST_SECRET"

  /// The HTTP status that always comes with the code.
  var status: HTTPResponse.Status {
    switch self {
    case .badRequest: .badRequest
    case .invalidAPIKey, .invalidSignature, .invalidSessionToken, .invalidAdminToken,
      .clientCertificateRequired, .missingHostSecret:
      .unauthorized
    case .notPCCafe, .cafeSuspended, .invalidHostSecret: .forbidden
    case .notFound, .cafeNotFound, .gameNotFound, .sessionNotFound: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .notChargeable, .alreadyEnded, .conflict: .conflict
    case .sessionEnding, .sessionEnded: .gone
    case .payloadTooLarge: .contentTooLarge
    case .unsupportedMediaType: .unsupportedMediaType
    case .rateLimited: .tooManyRequests
    case .internalError: .internalServerError
    case .unavailable: .serviceUnavailable
    }
  }
}

/// A failure as the caller sees it: a code and a short message, never a cause.
struct APIError: Error, Sendable, Equatable {
  let code: ErrorCode
  let message: String
  /// `Allow` or `Retry-After`.
  let fields: HTTPFields
  /// What is wrong with the fields of a request to the host API; empty for all other failures.
  let issues: [FieldIssue]

  init(
    _ code: ErrorCode,
    _ message: String,
    fields: HTTPFields = [:],
    issues: [FieldIssue] = []
  ) {
    self.code = code
    self.message = message
    self.fields = fields
    self.issues = issues
  }
}

/// Turns whatever was thrown into what the caller sees. Game servers stop for good at 404 and 410,
/// so a fault of ours becomes 503 or 500 and nothing else.
enum ErrorMap {
  /// What every 503 says. No need to wait longer: an outage is over as soon as Redis answers again.
  static let retryAfter: HTTPFields = [.retryAfter: "1"]

  static func error(for thrown: any Error) -> APIError {
    switch thrown {
    case let error as APIError: error
    case let error as ServiceFault: fault(error)
    case let error as AdministrationError: administration(error)
    case let error as JSONError: APIError(.badRequest, "The body is no valid JSON: \(error)")
    // A request is cancelled only when the service stops before it was answered.
    case is CancellationError: unavailable
    default: internalError
    }
  }

  private static func fault(_ fault: ServiceFault) -> APIError {
    switch fault {
    case .unavailable: unavailable
    case .broken, .damagedLedger: internalError
    }
  }

  private static func administration(_ error: AdministrationError) -> APIError {
    switch error {
    case .fault(let serviceFault): fault(serviceFault)
    case .cafeNotFound(let id): APIError(.cafeNotFound, "There is no cafe \(id).")
    case .gameNotFound(let id): APIError(.gameNotFound, "There is no game \(id).")
    case .sessionNotFound: APIError(.sessionNotFound, "There is no such game session.")
    case .conflict(let text): APIError(.conflict, text)
    }
  }

  private static var unavailable: APIError {
    APIError(
      .unavailable,
      "The service is not available at the moment; try again.",
      fields: retryAfter
    )
  }

  private static var internalError: APIError {
    APIError(.internalError, "Something went wrong in the service.")
  }
}

extension ErrorMap {
  /// The response: under `/v1` with the envelope, elsewhere with the text alone.
  static func reply(for error: APIError, path: String, requestID: String) -> Reply {
    let isVersion1 = path.hasPrefix("/v1/") || path == "/v1"
    let document =
      isVersion1 ? envelope(error, requestID) : .object(plainMembers(of: error, path))
    return Reply(error.code.status, document, fields: error.fields)
  }

  private static func envelope(_ error: APIError, _ requestID: String) -> JSONValue {
    let details: JSONValue = [
      "code": .string(error.code.rawValue),
      "message": .string(error.message),
      "timestamp": .string(Timestamp.text(of: WallClock.now())),
    ]
    return ["success": false, "request_id": .string(requestID), "error": details]
  }

  /// A client that looks for a host branches on `found` and shows `message`, whatever the status.
  private static func plainMembers(of error: APIError, _ path: String) -> [JSONValue.Member] {
    var members = [
      JSONValue.Member("success", false),
      JSONValue.Member("error", .string(error.message)),
    ]
    if !error.issues.isEmpty {
      members.append(JSONValue.Member("issues", .array(error.issues.map(\.json))))
    }
    if path == HostRoutes.findPath {
      members.append(JSONValue.Member("found", false))
      members.append(JSONValue.Member("message", .string(error.message)))
    }
    return members
  }
}
