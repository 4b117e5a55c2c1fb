/// The bytes of a request's body, read no further than the bound.
enum BoundedBody: Sendable {
  /// Everything.
  case complete([UInt8])
  /// More than so many bytes, or announced to be more; the rest was not read.
  case tooLarge(maximumBytes: Int)
  /// The connection broke or its bytes are no HTTP.
  case unreadable

  /// Whether a `Content-Length` announces more than so many bytes; it is believed only then.
  static func isAnnounced(_ text: String, over maximumBytes: Int) -> Bool {
    (Int(text) ?? Int.max) > maximumBytes
  }

  /// Whether the connection can carry another request afterwards.
  var isComplete: Bool {
    if case .complete = self { true } else { false }
  }
}
