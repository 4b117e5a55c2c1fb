import NIOSSL
import Support
import Testing

/// Client certificates of operators.
@Suite(.timeLimit(.minutes(15)))
struct OperatorCertificateTests {
  private static let path = "/v1/admin/cafes"
  private static let token = ["Authorization": "Bearer \(Installation.adminToken)"]

  private func settings(
    _ authority: CertificateAuthority,
    operators: CertificateAuthority
  ) async throws -> [String: String] {
    let issued = try await authority.issue()
    return [
      "PLAYMETER_TLS_CERTIFICATE": issued.certificatePath,
      "PLAYMETER_TLS_PRIVATE_KEY": issued.keyPath,
      "PLAYMETER_TLS_ADMIN_CA": operators.certificatePath,
    ]
  }

  private func management(_ stage: Installation, _ client: TLSConfiguration) -> HTTPSession {
    HTTPSession(port: stage.service.managementPort, tls: client)
  }

  @Test("/v1/admin needs a certificate besides the token; metrics and probes need none")
  func needed() async throws {
    let authority = try await CertificateAuthority()
    let operators = try await CertificateAuthority()
    let stranger = try authority.client()
    let known = try authority.client(showing: try await operators.issue(names: ["DNS:ann"]))
    let settings = try await settings(authority, operators: operators)
    try await Installation.open(settings: settings, tls: known) { stage in
      let asStranger = management(stage, stranger)
      try await asStranger.send("GET", Self.path, headers: Self.token)
        .refusal(401, "CLIENT_CERTIFICATE_REQUIRED")
      #expect(try await asStranger.send("GET", "/metrics").status == 200)
      #expect(try await asStranger.send("GET", "/readyz").status == 200)
      let asOperator = management(stage, known)
      _ = try await asOperator.send("GET", Self.path, headers: Self.token).success()
      try await asOperator.send("GET", Self.path).refusal(401, "INVALID_ADMIN_TOKEN")
      // The public listener asks nobody.
      let http = HTTPSession(port: stage.service.publicPort, tls: stranger)
      #expect(try await http.send("GET", "/healthz").status == 200)
      // Nor does the management listener speak plain HTTP beside.
      await #expect(throws: (any Error).self) {
        let plain = HTTPSession(port: stage.service.managementPort)
        _ = try await plain.send("GET", Self.path, headers: Self.token)
      }
    }
  }

  @Test("A certificate of another authority, and one that has run out, prove nothing")
  func refused() async throws {
    let authority = try await CertificateAuthority()
    let operators = try await CertificateAuthority()
    let known = try authority.client(showing: try await operators.issue())
    let old = try authority.client(showing: try await operators.issue(days: -1))
    let foreign = try authority.client(showing: try await authority.issue())
    let settings = try await settings(authority, operators: operators)
    try await Installation.open(settings: settings, tls: known) { stage in
      for client in [old, foreign] {
        await #expect(throws: (any Error).self) {
          _ = try await management(stage, client).send("GET", Self.path, headers: Self.token)
        }
      }
      let labels = ["listener": "management", "outcome": "failed"] as KeyValuePairs
      try await stage.scrape(until: "both are counted") { scrape in
        (scrape["playmeter_tls_handshakes_total", labels] ?? 0) >= 2
      }
    }
  }

  @Test("Without that setting the management listener speaks plain HTTP, whatever the public one")
  func plain() async throws {
    let authority = try await CertificateAuthority()
    let issued = try await authority.issue()
    let settings = [
      "PLAYMETER_TLS_CERTIFICATE": issued.certificatePath,
      "PLAYMETER_TLS_PRIVATE_KEY": issued.keyPath,
    ]
    try await Installation.open(settings: settings, tls: try authority.client()) { stage in
      let plain = HTTPSession(port: stage.service.managementPort)
      _ = try await plain.send("GET", Self.path, headers: Self.token).success()
    }
  }
}
