import Foundation
import Signatures
import Support

/// A launcher's signed start, every part of which a test may tamper with.
struct SignedStart: Sendable {
  static let path = "/v1/launcher/session/start"

  var cafe: String
  var secret: [UInt8]
  var timestamp = String(Int(Date.now.timeIntervalSince1970))
  var nonce = "nonce-\(String(UInt64.random(in: 1 << 60 ... .max), radix: 16))"
  var body: String
  /// Takes the place of the right signature.
  var forgedSignature: String?
  /// What a proxy says of the caller.
  var forwardedFor: String? = Cafe.address

  /// The signature that the contract asks for.
  var signature: String {
    let digest = Hex.encode(Digest.sha256(Array(body.utf8)))
    let lines = ["POST", Self.path, timestamp, nonce, digest]
    return Hex.encode(
      HMAC.sha256(key: secret, message: Array(lines.joined(separator: "\n").utf8))
    )
  }

  var headers: [String: String] {
    var headers = [
      "X-Cafe-Id": cafe,
      "X-Timestamp": timestamp,
      "X-Nonce": nonce,
      "X-Signature": forgedSignature ?? signature,
    ]
    headers["X-Forwarded-For"] = forwardedFor
    return headers
  }
}

extension Installation {
  /// Sends a start as it stands, with further headers or in place of its own.
  func send(
    _ start: SignedStart,
    headers: [String: String] = [:],
    query: String = ""
  ) async throws -> HTTPSession.Answer {
    let headers = start.headers.merging(headers) { _, given in given }
    let path = SignedStart.path + query
    return try await service.http.send("POST", path, headers: headers, json: start.body)
  }
}
