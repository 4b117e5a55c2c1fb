import Signatures
import Support

/// Asks a TURN server for a relay address over UDP (RFC 8656) and does nothing with it, as a
/// browser does first.
enum TurnClient {
  enum Outcome: Equatable {
    /// The server has given a relay address, and signed its answer with the same credential.
    case allocated
    /// The error code of the server's answer to the request that carried the credential.
    case refused(Int)
  }

  /// Datagrams on loopback are not lost, and coturn answers within milliseconds.
  private static let limit = Duration.seconds(10)

  /// Asks once without a credential, to learn the realm and the nonce, and then with it.
  static func allocate(
    port: Int,
    username: String,
    credential: String
  ) async throws -> Outcome {
    try await Datagrams.exchange(withPort: port, within: limit) { ask in
      let challenge = try STUNMessage(try await ask(STUNMessage.allocate([]).bytes))
      guard challenge.errorCode == 401, let realm = challenge[.realm],
        let nonce = challenge[.nonce]
      else { throw SupportError("no challenge: \(challenge)") }
      let name = Array(username.utf8)
      let colon = Array(":".utf8)
      let key = MD5.digest(name + colon + realm + colon + Array(credential.utf8))
      let request = STUNMessage.allocate([(.username, name), (.realm, realm), (.nonce, nonce)])
      return try outcome(STUNMessage(try await ask(request.signed(with: key))), key)
    }
  }

  private static func outcome(_ answer: STUNMessage, _ key: [UInt8]) throws -> Outcome {
    if let code = answer.errorCode { return .refused(code) }
    guard answer.kind == .allocateSuccess, answer[.relayedAddress] != nil,
      answer.isSigned(with: key)
    else { throw SupportError("no answer to an allocation: \(answer)") }
    return .allocated
  }
}

/// A message of STUN (RFC 8489), as far as an allocation needs it.
struct STUNMessage {
  enum Kind: UInt16 {
    case allocate = 0x0003
    case allocateSuccess = 0x0103
    case allocateError = 0x0113
  }

  enum Attribute: UInt16 {
    case username = 0x0006
    case integrity = 0x0008
    case errorCode = 0x0009
    case realm = 0x0014
    case nonce = 0x0015
    case relayedAddress = 0x0016
    case transport = 0x0019
  }

  private static let cookie: [UInt8] = [0x21, 0x12, 0xa4, 0x42]
  private static let headerBytes = 20
  /// The attribute with an HMAC-SHA1.
  private static let integrityBytes = 24
  /// The number of UDP, and three reserved bytes.
  private static let udp: [UInt8] = [17, 0, 0, 0]

  let kind: Kind
  let bytes: [UInt8]
  private var attributes: [(type: UInt16, value: [UInt8], start: Int)] = []

  static func allocate(_ attributes: [(Attribute, [UInt8])]) -> STUNMessage {
    var body: [UInt8] = []
    for (type, value) in [(.transport, udp)] + attributes {
      body += big(type.rawValue) + big(UInt16(value.count)) + value
      body += [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }
    let transaction = (0..<12).map { _ in UInt8.random(in: 0...255) }
    let head = big(Kind.allocate.rawValue) + big(UInt16(body.count)) + cookie + transaction
    return STUNMessage(kind: .allocate, bytes: head + body)
  }

  /// Reads a message; throws ``SupportError`` when it is none.
  init(_ bytes: [UInt8]) throws {
    guard bytes.count >= Self.headerBytes, let kind = Kind(rawValue: Self.number(bytes, 0)),
      Int(Self.number(bytes, 2)) == bytes.count - Self.headerBytes
    else { throw SupportError("no STUN message: \(bytes)") }
    self.init(kind: kind, bytes: bytes)
    var start = Self.headerBytes
    while start + 4 <= bytes.count {
      let length = Int(Self.number(bytes, start + 2))
      guard start + 4 + length <= bytes.count else { throw SupportError("cut short: \(bytes)") }
      let value = Array(bytes[(start + 4)..<(start + 4 + length)])
      attributes.append((Self.number(bytes, start), value, start))
      start += 4 + (length + 3) / 4 * 4
    }
  }

  private init(kind: Kind, bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  subscript(_ attribute: Attribute) -> [UInt8]? {
    attributes.first { $0.type == attribute.rawValue }?.value
  }

  /// 401 and the like; nil in what is no error.
  var errorCode: Int? {
    guard kind == .allocateError, let value = self[.errorCode], value.count >= 4 else { return nil }
    return Int(value[2]) * 100 + Int(value[3])
  }

  /// The bytes with the attribute that proves who sent them.
  func signed(with key: [UInt8]) -> [UInt8] {
    let covered = Self.announcing(bytes, upTo: bytes.count)
    return covered + Self.big(Attribute.integrity.rawValue) + Self.big(20)
      + HMAC.sha1(key: key, message: covered)
  }

  /// Whether the sender knows the key.
  func isSigned(with key: [UInt8]) -> Bool {
    guard let own = attributes.first(where: { $0.type == Attribute.integrity.rawValue }) else {
      return false
    }
    let covered = Self.announcing(Array(bytes[..<own.start]), upTo: own.start)
    return own.value == HMAC.sha1(key: key, message: covered)
  }

  /// What is signed announces a length that ends with the signature.
  private static func announcing(_ bytes: [UInt8], upTo end: Int) -> [UInt8] {
    let length = UInt16(end + integrityBytes - headerBytes)
    return bytes[..<2] + big(length) + bytes[4...]
  }

  private static func number(_ bytes: [UInt8], _ index: Int) -> UInt16 {
    UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
  }

  private static func big(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(value & 0xff)]
  }
}
