import HTTPTypes

/// The header fields of our API that HTTP itself does not define.
extension HTTPField.Name {
  static let requestID = known("X-Request-Id")
  static let apiKey = known("X-Api-Key")
  static let idempotencyKey = known("Idempotency-Key")
  static let cafeID = known("X-Cafe-Id")
  static let timestamp = known("X-Timestamp")
  static let nonce = known("X-Nonce")
  static let signature = known("X-Signature")
  static let forwardedFor = known("X-Forwarded-For")
  static let nextCursor = known("X-Next-Cursor")

  private static func known(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else {
      preconditionFailure("\(text) is written with token characters only.")
    }
    return name
  }
}
