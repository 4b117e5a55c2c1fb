import Signatures

/// The identifier of a request, which its response, its log lines and its answer share.
enum RequestID {
  private static let maximumLength = 128
  /// As many as a UUID has, so that two never meet.
  private static let randomBytes = 16

  /// The client's own one when it is `[A-Za-z0-9_.-]{1,128}`, else a new one.
  static func of(_ fields: RequestFields) -> String {
    guard let text = fields[.requestID], isValid(text) else { return random() }
    return text
  }

  /// `req_` and 32 random hexadecimal digits.
  static func random() -> String {
    "req_" + Hex.encode(RandomBytes.generate(count: randomBytes))
  }

  private static func isValid(_ text: String) -> Bool {
    (1...maximumLength).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
