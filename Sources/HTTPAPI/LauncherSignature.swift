import Domain
import HTTPTypes
import Signatures

/// The signature of a launcher's start: what its headers claim, and whether that is true.
struct LauncherSignature: Sendable {
  /// How far a launcher's clock may be off; nonces are remembered for longer than both directions.
  static let toleranceSeconds: Int64 = 300
  private static let nonceLength = 16...64
  /// Stands in for the secret of a cafe that does not exist, so that it takes as long to refuse.
  private static let noSecret = [UInt8](repeating: 0, count: 32)

  let cafe: CafeID
  let timestamp: Int64
  let nonce: String
  private let signature: [UInt8]
  /// What was signed.
  private let message: [UInt8]

  /// Reads the headers; nil when one is missing or malformed.
  init?(_ call: Call) {
    guard let cafe = call.fields[.cafeID].flatMap(CafeID.init),
      let timestampText = call.fields[.timestamp], let timestamp = Self.seconds(timestampText),
      let nonce = call.fields[.nonce], Self.isNonce(nonce),
      let signature = call.fields[.signature], signature.utf8.count == 64
    else { return nil }
    self.cafe = cafe
    self.timestamp = timestamp
    self.nonce = nonce
    self.signature = Array(signature.utf8)
    let digest = Hex.encode(Digest.sha256(call.body))
    let lines = [call.method.rawValue, call.path, timestampText, nonce, digest]
    message = Array(lines.joined(separator: "\n").utf8)
  }

  /// Whether the timestamp is near enough to the service's own clock.
  func isFresh(at now: Int64) -> Bool {
    (now - Self.toleranceSeconds...now + Self.toleranceSeconds).contains(timestamp)
  }

  /// Whether one of the secrets made the signature. All are tried, in constant time; without any
  /// the same work is done for nothing.
  func isSigned(byOneOf secrets: [[UInt8]]) -> Bool {
    let matches = (secrets.isEmpty ? [Self.noSecret] : secrets)
      .filter { secret in
        let expected = Hex.digits(of: HMAC.sha256(key: secret, message: message))
        return ConstantTime.isEqual(signature, expected)
      }
    return !secrets.isEmpty && !matches.isEmpty
  }

  /// Unix seconds in plain digits; eleven of them reach the year 5138.
  private static func seconds(_ text: String) -> Int64? {
    guard (1...11).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int64(text)
  }

  private static func isNonce(_ text: String) -> Bool {
    nonceLength.contains(text.utf8.count) && text.utf8.allSatisfy(isNonceByte)
  }

  private static func isNonceByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
