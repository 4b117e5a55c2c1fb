/// The bytes of a request's body, read no further than the bound.
enum BoundedBody: Sendable {
  /// Everything.
  case complete([UInt8])
  /// More than the bound, or announced to be more; the rest was not read.
  case tooLarge
  /// The connection broke or its bytes are no HTTP.
  case unreadable

  /// The largest body that the contract allows.
  static let maximumBytes = 16 * 1024

  /// Whether a `Content-Length` announces too much; it is believed only then.
  static func isTooLarge(announced text: String) -> Bool {
    (Int(text) ?? Int.max) > maximumBytes
  }

  /// Whether the connection can carry another request afterwards.
  var isComplete: Bool {
    if case .complete = self { true } else { false }
  }
}
