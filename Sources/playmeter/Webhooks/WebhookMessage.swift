import Domain
import HTTPAPI
import JSON
import Ledger
import Signatures

/// What a webhook is told of one ledger line.
struct WebhookMessage: Sendable {
  /// The same for each try, so that a receiver can tell repeats: partition and number of the line.
  let eventID: String
  /// The JSON that is posted.
  let body: [UInt8]

  /// The message for a line.
  init(_ line: LedgerLine) {
    eventID = "\(line.partition.number)-\(line.sequence)"
    let document: JSONValue = [
      "event_id": .string(eventID), "event": .string(line.text("kind") ?? ""),
      "timestamp": .string(Timestamp.text(of: line.instant)),
      "line": line.document,
    ]
    body = document.bytes
  }

  /// The headers of one try at a time in Unix seconds. The signature is the lower-case hex of
  /// HMAC-SHA256 over that time, a full stop and the body, so that an old message cannot be sent
  /// again by somebody else.
  func headers(secret: [UInt8], time: Int64) -> [(String, String)] {
    let signed = Array("\(time).".utf8) + body
    return [
      ("Content-Type", "application/json"), ("User-Agent", "playmeter"),
      ("X-Playmeter-Event", eventID), ("X-Playmeter-Timestamp", String(time)),
      ("X-Playmeter-Signature", Hex.encode(HMAC.sha256(key: secret, message: signed))),
    ]
  }
}
