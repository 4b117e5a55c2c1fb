/// Checks the secret that all hosts share.
struct HostSecrets: Sendable {
  private let secrets: SharedSecrets

  /// - Parameter secrets: All that are valid, because one of them may be about to be replaced.
  init(_ secrets: [String]) {
    self.secrets = SharedSecrets(secrets)
  }

  /// Why the caller is no host of ours; nil when it shows a valid secret.
  func refusal(of call: Call) -> APIError? {
    guard !secrets.isEmpty else { return Self.invalid }
    guard let token = call.bearerToken else { return Self.missing }
    return secrets.contain(token) ? nil : Self.invalid
  }

  private static let missing = APIError(
    .missingHostSecret,
    "Unauthorized: Missing or invalid Authorization header"
  )
  private static let invalid = APIError(.invalidHostSecret, "Forbidden: Invalid host secret")
}
