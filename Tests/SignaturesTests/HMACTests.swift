import Foundation
import Signatures
import Testing

@Suite("HMACs agree with the published vectors")
struct HMACTests {
  /// RFC 4231, cases 1 to 4 and 6 (5 tests truncation, which nobody here does; 7 is like 6).
  @Test(
    "HMAC-SHA256 gives the answers of RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](1...25), [UInt8](repeating: 0xcd, count: 50),
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ]
  )
  func sha256(key: [UInt8], message: [UInt8], expected: String) {
    #expect(Hex.encode(HMAC.sha256(key: key, message: message)) == expected)
  }

  /// RFC 2202, the same cases.
  @Test(
    "HMAC-SHA1 gives the answers of RFC 2202",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
        "b617318655057264e28bc0b6fb378c8ef146be00"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
      ),
      (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
      ),
      (
        [UInt8](1...25), [UInt8](repeating: 0xcd, count: 50),
        "4c9007f4026250c6bc8414f9bf50c86c2d7235da"
      ),
      (
        [UInt8](repeating: 0xaa, count: 80),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "aa4ae5e15272d00e95705637ce8a3b55ed402112"
      ),
    ]
  )
  func sha1(key: [UInt8], message: [UInt8], expected: String) {
    #expect(Hex.encode(HMAC.sha1(key: key, message: message)) == expected)
  }

  /// A null pointer as key means "the key of the last call" in parts of OpenSSL.
  @Test("An empty key is a key of its own, whatever was signed before")
  func emptyKey() {
    _ = HMAC.sha256(key: [1, 2, 3], message: [4])
    #expect(
      Hex.encode(HMAC.sha256(key: [], message: []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    )
  }

  @Test("A key that has signed signs the next message, text or bytes, as if it were the first")
  func keptKey() {
    let key = HMACKey(sha256: Array("Jefe".utf8))
    let text = "what do ya want for nothing?"
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    #expect(Hex.encode(key.signature(of: text)) == expected)
    #expect(key.signature(of: []) == HMAC.sha256(key: Array("Jefe".utf8), message: []))
    #expect(Hex.encode(key.signature(of: Array(text.utf8))) == expected)
    #expect(Hex.digits(of: key.signature(of: text)) == Array(expected.utf8))
  }

  @Test("A launcher's request is signed as the launcher API documents it")
  func launcherSignature() {
    let body = #"{"pc_id":"PC-07","internal_ip":"192.168.0.7"}"#
    let signed = [
      "POST", "/v1/launcher/session/start", "1772798400", "nonce-0123456789",
      Hex.encode(Digest.sha256(Array(body.utf8))),
    ]
    let signature = HMAC.sha256(
      key: [UInt8](0x00...0x1f),
      message: Array(signed.joined(separator: "\n").utf8)
    )
    #expect(
      Hex.encode(signature)
        == "cda584704e4dacbf9b7d9cf0ab53989ceb191ee3cc6884816961a4107373fb47"
    )
  }

  @Test("TURN credentials are the ones coturn computes")
  func turnCredential() {
    let credential = HMAC.sha1(key: Array("north".utf8), message: Array("1715620000:user".utf8))
    #expect(Data(credential).base64EncodedString() == "sab2jTAbv1rcKwpfcNsq6c++rxI=")
  }
}
