import Signatures
import Synchronization

/// The identifiers of requests, which a response, its log lines and its answer share.
final class RequestIDs: Sendable {
  private static let maximumLength = 128
  private static let prefix = "req_"
  /// As many as a UUID has, so that two never meet.
  private static let randomBytes = 16
  /// Identifiers that are made at once: one by one they were 5 % of the smallest request's
  /// instructions.
  private static let idsAtOnce = 256

  private let stock = Mutex<[String]>([])

  /// The client's own one when it is `[A-Za-z0-9_.-]{1,128}`, else a new one.
  func id(for fields: RequestFields) -> String {
    guard let text = fields[.requestID], Self.isValid(text) else { return random() }
    return text
  }

  /// `req_` and 32 random hexadecimal digits.
  func random() -> String {
    stock.withLock { stock in
      if stock.isEmpty { stock = Self.made() }
      return stock.removeLast()
    }
  }

  private static func made() -> [String] {
    let digits = Hex.digits(of: RandomBytes.generate(count: idsAtOnce * randomBytes))
    let length = 2 * randomBytes
    return stride(from: 0, to: digits.count, by: length)
      .map { start in
        String(unsafeUninitializedCapacity: prefix.utf8.count + length) { text in
          let (_, end) = text.initialize(from: prefix.utf8)
          return text[end...].initialize(from: digits[start..<(start + length)]).index
        }
      }
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
