import JSON
import Signatures

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The STUN and TURN servers that a client and its host connect through.
///
/// Credentials follow coturn's `use-auth-secret`: the name says until when they hold, and its HMAC
/// is the password, so that a TURN server needs to know nothing but the secret.
public struct ICEServers: Sendable, Equatable {
  private let stunURLs: [String]
  private let turnURLs: [String]
  private let turnSecret: [UInt8]
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
    self.stunURLs = stunURLs
    self.turnURLs = turnURLs
    self.turnSecret = Array(turnSecret.utf8)
    turnTTLSeconds = turnTTL.wholeSeconds
  }

  /// What `RTCPeerConnection` takes as its `iceServers`.
  ///
  /// - Parameters:
  ///   - user: Whom the credentials are for, as coturn logs it.
  ///   - now: The service's own clock in Unix seconds.
  func json(user: String, now: Int64) -> JSONValue {
    let username = "\(now + turnTTLSeconds):\(user)"
    let credential = Self.credential(of: username, turnSecret)
    let turn = turnURLs.map { url -> JSONValue in
      ["urls": .string(url), "username": .string(username), "credential": .string(credential)]
    }
    return .array(stunURLs.map { ["urls": .string($0)] } + turn)
  }

  /// The password that belongs to a name.
  static func credential(of username: String, _ secret: [UInt8]) -> String {
    Data(HMAC.sha1(key: secret, message: Array(username.utf8))).base64EncodedString()
  }
}
