import Domain
import HTTPTypes

/// The limits of callers, one table of buckets each, and where their refusals are counted.
struct CallerLimits: Sendable {
  private let keys: RateLimiter<[UInt8]>
  private let cafes: RateLimiter<String>
  private let addresses: RateLimiter<String>
  private let clientAddress: ClientAddress
  private let metrics: RequestMetrics

  init(
    _ limits: RequestLimits,
    clientAddress: ClientAddress,
    metrics: RequestMetrics,
    clock: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    keys = RateLimiter(limits.perKey, clock: clock)
    cafes = RateLimiter(limits.perCafe, clock: clock)
    addresses = RateLimiter(limits.perAddress, clock: clock)
    self.clientAddress = clientAddress
    self.metrics = metrics
  }

  /// Counts a request against the API key that it has shown.
  func admit(keyDigest: [UInt8]) throws(APIError) {
    try admit(keys.secondsToWait(keyDigest), .ratePerKey)
  }

  /// Counts a request against the cafe that it has proved to come from.
  func admit(_ cafe: CafeID) throws(APIError) {
    try admit(cafes.secondsToWait(cafe.text), .ratePerCafe)
  }

  /// The same for a launcher session, by itself where its token does not name its cafe.
  func admit(_ cafe: CafeID?, _ launcher: LauncherSessionID) throws(APIError) {
    try admit(cafes.secondsToWait(cafe?.text ?? launcher.description), .ratePerCafe)
  }

  /// Counts a request against its address.
  ///
  /// - Returns: The address as one that holds reservations.
  @discardableResult
  func admitAddress(of request: IncomingRequest) throws -> String {
    guard let address = clientAddress.address(of: request)?.household else {
      throw ServiceFault.broken("the connection does not tell its peer's address")
    }
    try admit(addresses.secondsToWait(address), .ratePerAddress)
    return address
  }

  /// What the caller gets to hear of a failure. Refused credentials count against the address, so
  /// that nobody can guess them at full speed; past the limit not even the refusal is told.
  func told(_ failure: APIError, _ request: IncomingRequest) -> APIError {
    guard failure.code.refusesCredentials, let address = clientAddress.address(of: request),
      let seconds = addresses.secondsToWait(address.household)
    else { return failure }
    metrics.limited(by: .ratePerAddress)
    return .tooMany(Self.text, afterSeconds: seconds)
  }

  private func admit(_ seconds: Int64?, _ limit: Limit) throws(APIError) {
    guard let seconds else { return }
    metrics.limited(by: limit)
    throw .tooMany(Self.text, afterSeconds: seconds)
  }

  private static let text = "Too many requests; try again later."
}

extension APIError {
  /// A refusal that ends by itself.
  static func tooMany(_ message: String, afterSeconds seconds: Int64) -> APIError {
    APIError(.rateLimited, message, fields: [.retryAfter: String(max(1, seconds))])
  }
}

extension ErrorCode {
  /// Whether the caller has not proved who it is.
  fileprivate var refusesCredentials: Bool {
    switch self {
    case .invalidAPIKey, .invalidSignature, .invalidSessionToken, .invalidAdminToken,
      .clientCertificateRequired, .missingHostSecret, .invalidHostSecret:
      true
    case .badRequest, .notFound, .methodNotAllowed, .payloadTooLarge, .unsupportedMediaType,
      .rateLimited, .internalError, .unavailable, .notPCCafe, .cafeSuspended, .cafeNotFound,
      .gameNotFound, .sessionNotFound, .notChargeable, .alreadyEnded, .conflict, .sessionEnding,
      .sessionEnded:
      false
    }
  }
}

extension IPAddress {
  /// What one household has: an IPv4 address, or the /64 of an IPv6 one, within which every device
  /// picks addresses as it likes.
  var household: String {
    guard !isIPv4 else { return description }
    let groups = stride(from: 0, to: 8, by: 2)
      .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
    return groups.joined(separator: ":") + "::/64"
  }
}
