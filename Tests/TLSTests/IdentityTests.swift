import Foundation
import Support
import Testing

@testable import TLS

/// What key material is taken, and what is said of other.
@Suite(.timeLimit(.minutes(15)))
struct IdentityTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOf: URL(filePath: path), encoding: .utf8)
  }

  private func fault(_ certificates: String, _ privateKey: String) -> TLSError? {
    do throws(TLSError) {
      _ = try Identity(certificates: certificates, privateKey: privateKey)
      return nil
    } catch {
      return error
    }
  }

  @Test("A certificate with its key is taken, and says when the first of its chain runs out")
  func taken() async throws {
    let authority = try await CertificateAuthority()
    let short = try await authority.issue(days: 3)
    let long = try await authority.issue(days: 20)
    let chain = try text(long.certificatePath) + text(short.certificatePath)
    let identity = try Identity(certificates: chain, privateKey: text(long.keyPath))
    let expected = Date.now.timeIntervalSince1970 + 3 * 86_400
    #expect(abs(Double(identity.expiry) - expected) < 60)
    _ = try ServerTLS(identity)
    let authorities = try Authorities(certificates: text(authority.certificatePath))
    _ = try ServerTLS(identity, clients: authorities)
    _ = try ClientTLS(authorities: authorities, identity: identity)
  }

  @Test("The key of another certificate is refused")
  func otherKey() async throws {
    let authority = try await CertificateAuthority()
    let (one, other) = (try await authority.issue(), try await authority.issue())
    let fault = fault(try text(one.certificatePath), try text(other.keyPath))
    #expect(fault == .privateKey("is not the key of the certificate"))
  }

  @Test("What is no PEM is refused as what it should have been")
  func noPEM() async throws {
    let issued = try await CertificateAuthority().issue()
    let (certificate, key) = (try text(issued.certificatePath), try text(issued.keyPath))
    let noCertificate = TLSError.certificate("holds no certificate in PEM")
    let noKey = TLSError.privateKey("holds no private key in PEM without a passphrase")
    let half = String(certificate.prefix(certificate.count / 2))
    for wrong in ["", "certificate", key, half] {
      #expect(fault(wrong, key) == noCertificate)
      #expect(throws: TLSError.authorities("holds no certificate in PEM")) {
        try Authorities(certificates: wrong)
      }
    }
    for wrong in ["", "key", certificate] { #expect(fault(certificate, wrong) == noKey) }
  }
}
