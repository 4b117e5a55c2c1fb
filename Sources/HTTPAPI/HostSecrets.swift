import Signatures

/// Checks the secret that all hosts share.
struct HostSecrets: Sendable {
  /// Digests are all of one length, so that the comparison does not tell the secret's.
  private let digests: [[UInt8]]

  /// - Parameter secrets: All that are valid, because one of them may be about to be replaced.
  init(_ secrets: [String]) {
    digests = secrets.map { Digest.sha256(Array($0.utf8)) }
  }

  /// Why the caller is no host of ours; nil when it shows a valid secret.
  func refusal(of call: Call) -> APIError? {
    guard !digests.isEmpty else { return Self.invalid }
    guard let token = call.bearerToken else { return Self.missing }
    let given = Digest.sha256(Array(token.utf8))
    // All are compared, so that the time does not tell which one fits.
    let matches = digests.filter { ConstantTime.isEqual(given, $0) }
    return matches.isEmpty ? Self.invalid : nil
  }

  private static let missing = APIError(
    .missingHostSecret,
    "Unauthorized: Missing or invalid Authorization header"
  )
  private static let invalid = APIError(.invalidHostSecret, "Forbidden: Invalid host secret")
}
