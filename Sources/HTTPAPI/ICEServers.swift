import JSON
import Signatures

/// The STUN and TURN servers that a client and its host connect through.
///
/// Credentials follow coturn's `use-auth-secret`: the name says until when they hold, and its HMAC
/// is the password, so that a TURN server needs to know nothing but the secret.
public struct ICEServers: Sendable, Equatable {
  /// Their part of the answer, which is always the same.
  private let stun: [JSONValue]
  private let turnURLs: [String]
  private let turnSecret: TURNSecret
  private let turnTTLSeconds: Int64

  /// Servers from the settings.
  ///
  /// - Parameter turnTTL: How long TURN credentials hold.
  public init(
    stunURLs: [String] = [],
    turnURLs: [String] = [],
    turnSecret: String = "",
    turnTTL: Duration = .seconds(3600)
  ) {
    stun = stunURLs.map { ["urls": .string($0)] }
    self.turnURLs = turnURLs
    self.turnSecret = TURNSecret(turnSecret)
    turnTTLSeconds = turnTTL.wholeSeconds
  }

  /// What `RTCPeerConnection` takes as its `iceServers`.
  ///
  /// - Parameters:
  ///   - user: Whom the credentials are for, as coturn logs it.
  ///   - now: The service's own clock in Unix seconds.
  func json(user: String, now: Int64) -> JSONValue {
    let username = "\(now + turnTTLSeconds):\(user)"
    let credential = turnSecret.credential(of: username)
    let turn = turnURLs.map { url in
      JSONValue.object([
        .init("urls", .string(url)), .init("username", .string(username)),
        .init("credential", .string(credential)),
      ])
    }
    return .array(stun + turn)
  }
}

/// What the service shares with its TURN servers.
struct TURNSecret: Sendable {
  private let text: String
  private let key: HMACKey

  init(_ text: String) {
    self.text = text
    key = HMACKey(sha1: Array(text.utf8))
  }

  /// The password that belongs to a name.
  func credential(of username: String) -> String {
    Base64.encode(key.signature(of: username))
  }
}

extension TURNSecret: Equatable {
  static func == (left: TURNSecret, right: TURNSecret) -> Bool { left.text == right.text }
}
