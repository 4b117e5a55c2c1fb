import Foundation
import NIOSSL
import Support
import Testing

/// HTTPS on the public listener.
@Suite(.timeLimit(.minutes(15)))
struct ListenerTLSTests {
  private static let limit = Duration.seconds(20)
  private static let probe = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

  private func settings(_ issued: CertificateAuthority.Issued) -> [String: String] {
    [
      "PLAYMETER_TLS_CERTIFICATE": issued.certificatePath,
      "PLAYMETER_TLS_PRIVATE_KEY": issued.keyPath,
    ]
  }

  /// Puts other files in place of those that a service was started with.
  private func replace(
    _ old: CertificateAuthority.Issued,
    with new: CertificateAuthority.Issued
  ) throws {
    for (old, new) in [
      (old.certificatePath, new.certificatePath), (old.keyPath, new.keyPath),
    ] {
      try Data(contentsOf: URL(filePath: new)).write(to: URL(filePath: old))
    }
  }

  private func serial(
    _ stage: Installation,
    _ authority: CertificateAuthority
  ) async throws -> [UInt8] {
    let client = try authority.client()
    return try await TLSConnection.open(port: stage.service.publicPort, client) { connection in
      connection.certificate.serialNumber
    }
  }

  private func awaitLog(_ stage: Installation, _ words: String, count: Int = 1) async throws {
    try await Waiting.until("the log says: \(words)", within: Self.limit) {
      stage.service.log.split(separator: "\n").count { $0.contains(words) } >= count
    }
  }

  @Test("An evening is played over TLS, and the metrics tell when the certificate runs out")
  func evening() async throws {
    let authority = try await CertificateAuthority()
    let client = try authority.client()
    let settings = settings(try await authority.issue(days: 5))
    try await Installation.open(settings: settings, tls: client) { stage in
      let play = try await stage.cafe().play()
      _ = try await play.beat().success()
      _ = try await play.end().success()
      let scrape = try await stage.scrape()
      let expiry = scrape["playmeter_tls_certificate_expiry_timestamp_seconds", ["use": "listener"]]
      let expected = Date.now.timeIntervalSince1970 + 5 * 86_400
      #expect(abs((expiry ?? 0) - expected) < 300)
      let handshakes = "playmeter_tls_handshakes_total"
      let completed = scrape[handshakes, ["listener": "public", "outcome": "completed"]]
      #expect((completed ?? 0) >= 1)
    }
  }

  @Test("TLS 1.2 and 1.3 are spoken; 1.1 and a client without TLS are refused")
  func versions() async throws {
    let authority = try await CertificateAuthority()
    let client = try authority.client()
    let settings = settings(try await authority.issue())
    try await Installation.open(settings: settings, tls: client) { stage in
      let port = stage.service.publicPort
      for version in [TLSVersion.tlsv12, .tlsv13] {
        var client = client
        client.minimumTLSVersion = version
        client.maximumTLSVersion = version
        let answer = try await TLSConnection.open(port: port, client) { connection in
          try await connection.exchange(Self.probe)
        }
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
      }
      var old = client
      old.minimumTLSVersion = .tlsv1
      old.maximumTLSVersion = .tlsv11
      await #expect(throws: NIOSSLError.self) {
        try await TLSConnection.open(port: port, old) { _ in }
      }
      await #expect(throws: SupportError.self) {
        try await RawHTTP.send(Self.probe, toPort: port)
      }
      let failed = ["listener": "public", "outcome": "failed"] as KeyValuePairs
      try await stage.scrape(until: "both are counted") { scrape in
        scrape["playmeter_tls_handshakes_total", failed] == 2
      }
    }
  }

  @Test("Its certificate is good for its own host and no other")
  func host() async throws {
    let authority = try await CertificateAuthority()
    let client = try authority.client()
    let settings = settings(try await authority.issue(names: ["DNS:localhost"]))
    try await Installation.open(settings: settings, tls: client) { stage in
      await #expect(throws: NIOSSLExtraError.failedToValidateHostname) {
        let port = stage.service.publicPort
        try await TLSConnection.open(port: port, client, host: "elsewhere.example") { _ in }
      }
    }
  }

  @Test("A reload gives new connections the new certificate, and open ones go on")
  func reload() async throws {
    let authority = try await CertificateAuthority()
    let client = try authority.client()
    let first = try await authority.issue()
    let second = try await authority.issue()
    try await Installation.open(settings: settings(first), tls: client) { stage in
      try await TLSConnection.open(port: stage.service.publicPort, client) { open in
        #expect(try await open.exchange(Self.probe).hasPrefix("HTTP/1.1 200 "))
        try self.replace(first, with: second)
        stage.service.reload()
        try await self.awaitLog(stage, "the certificates were read anew")
        let serial = try await self.serial(stage, authority)
        #expect(serial != open.certificate.serialNumber)
        #expect(try await open.exchange(Self.probe).hasPrefix("HTTP/1.1 200 "))
      }
    }
  }

  @Test("A reload of files that cannot be used is an error in the log, and the former ones stay")
  func brokenReload() async throws {
    let authority = try await CertificateAuthority()
    let client = try authority.client()
    let first = try await authority.issue()
    let second = try await authority.issue()
    try await Installation.open(settings: settings(first), tls: client) { stage in
      let before = try await serial(stage, authority)
      let certificate = try Data(contentsOf: URL(filePath: second.certificatePath))
      for (index, wrong) in [certificate, Data("no certificate".utf8), Data()].enumerated() {
        try wrong.write(to: URL(filePath: first.certificatePath))
        stage.service.reload()
        try await awaitLog(stage, "the former ones stay", count: index + 1)
        #expect(try await serial(stage, authority) == before)
      }
      #expect(stage.service.log.contains("PLAYMETER_TLS_PRIVATE_KEY: "))
      #expect(stage.service.log.contains("PLAYMETER_TLS_CERTIFICATE: "))
      try replace(first, with: second)
      stage.service.reload()
      try await awaitLog(stage, "the certificates were read anew")
      #expect(try await serial(stage, authority) != before)
    }
  }

  @Test("Without TLS, SIGHUP ends nothing and the log says that there is nothing to do")
  func nothingToReload() async throws {
    try await Installation.open { stage in
      stage.service.reload()
      try await awaitLog(stage, "SIGHUP: nothing is to be read anew")
      #expect(try await stage.service.http.send("GET", "/healthz").status == 200)
    }
  }

  @Test("A client that says nothing is cut off after ten seconds, and counted")
  func silentClient() async throws {
    let authority = try await CertificateAuthority()
    let client = try authority.client()
    let settings = settings(try await authority.issue())
    try await Installation.open(settings: settings, tls: client) { stage in
      let start = ContinuousClock.now
      await #expect(throws: SupportError.self) {
        try await RawHTTP.send("", toPort: stage.service.publicPort, within: .seconds(30))
      }
      let duration = ContinuousClock.now - start
      #expect(duration > .seconds(9.9) && duration < .seconds(20))
      let labels = ["listener": "public", "outcome": "timed_out"] as KeyValuePairs
      let scrape = try await stage.scrape()
      #expect(scrape["playmeter_tls_handshakes_total", labels] == 1)
    }
  }

  @Test("Files that cannot be used stop the start, and `check` tells, with the setting's name")
  func faults() async throws {
    let authority = try await CertificateAuthority()
    let (one, other) = (try await authority.issue(), try await authority.issue())
    let redis = try await RedisServer.start()
    let base = [
      "PLAYMETER_MASTER_KEY": Installation.masterKey, "PLAYMETER_REDIS_URL": redis.url,
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath, "PLAYMETER_HTTP_ADDRESS": "127.0.0.1:0",
      "PLAYMETER_MANAGEMENT_ADDRESS": "127.0.0.1:0",
    ]
    let right = settings(one)
    let cases = [
      ("PLAYMETER_TLS_CERTIFICATE", "/nowhere/certificate", "cannot be read"),
      ("PLAYMETER_TLS_CERTIFICATE", one.keyPath, "holds no certificate"),
      ("PLAYMETER_TLS_CERTIFICATE", "", "must be set together with PLAYMETER_TLS_PRIVATE_KEY"),
      ("PLAYMETER_TLS_PRIVATE_KEY", "relative", "must be the absolute path"),
      ("PLAYMETER_TLS_PRIVATE_KEY", one.certificatePath, "holds no private key"),
      ("PLAYMETER_TLS_PRIVATE_KEY", other.keyPath, "is not the key of the certificate"),
      ("PLAYMETER_TLS_ADMIN_CA", one.keyPath, "holds no certificate"),
    ]
    for (name, value, words) in cases {
      let environment = base.merging(right) { _, right in right }
        .merging([name: value]) { _, wrong in wrong }
      for command in ["serve", "check"] {
        let result = try await ServiceProcess.runCommand([command], environment: environment)
        #expect(result.status == 1)
        let said = result.standardOutput + result.standardError
        let line = said.split(separator: "\n").first { $0.contains("\(name): ") }
        #expect(line?.contains(words) == true, "\(command) with \(name)=\(value): \(said)")
      }
    }
  }
}
