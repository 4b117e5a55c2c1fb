import Signatures

/// A secret that several callers show as their bearer token, with the one before it while it is
/// being replaced.
struct SharedSecrets: Sendable {
  /// Digests are all of one length, so that the comparison does not tell the secret's.
  private let digests: [[UInt8]]

  /// - Parameter secrets: All that are valid; with none, nobody has a valid one.
  init(_ secrets: [String]) {
    digests = secrets.map { Digest.sha256($0) }
  }

  /// Whether nobody can have a valid one.
  var isEmpty: Bool { digests.isEmpty }

  /// Whether a text is one of the secrets, in a time that tells nothing of them.
  func contain(_ text: String) -> Bool {
    let given = Digest.sha256(text)
    // All are compared, so that the time does not tell which one fits.
    return digests.reduce(false) { ConstantTime.isEqual(given, $1) || $0 }
  }
}
