import NIOSSL
import Support
import Testing

/// `rediss://` to a real redis-server with TLS.
@Suite(.timeLimit(.minutes(15)))
struct RedisTLSTests {
  private typealias Files = RedisServer.TLSFiles

  @Test("An evening is played on a Redis that is reached by TLS, through its restart")
  func evening() async throws {
    let authority = try await CertificateAuthority()
    let files = Files(authority, try await authority.issue())
    try await Installation.open(redis: .init(tls: files)) { stage in
      #expect(stage.environment["PLAYMETER_REDIS_URL"]?.hasPrefix("rediss://") == true)
      let play = try await stage.cafe().play()
      _ = try await play.beat().success()
      try await stage.redis.kill()
      try await stage.redis.restart()
      try await stage.service.waitUntilReady()
      _ = try await play.beat().success()
      _ = try await play.end().success()
    }
  }

  @Test("A Redis that asks for a client certificate gets it, and a reload brings a new one")
  func clientCertificate() async throws {
    let authority = try await CertificateAuthority()
    let files = Files(authority, try await authority.issue(), asksClients: true)
    let ours = try await authority.issue(names: ["DNS:playmeter"], days: 7)
    let settings = [
      "PLAYMETER_REDIS_CERTIFICATE": ours.certificatePath,
      "PLAYMETER_REDIS_PRIVATE_KEY": ours.keyPath,
    ]
    try await Installation.open(settings: settings, redis: .init(tls: files)) { stage in
      let play = try await stage.cafe().play()
      _ = try await play.end().success()
      let expiry = "playmeter_tls_certificate_expiry_timestamp_seconds"
      let scrape = try await stage.scrape()
      #expect(scrape[expiry, ["use": "redis"]] != nil)
      stage.service.reload()
      try await Waiting.until("the reload", within: .seconds(20)) {
        stage.service.log.contains("the certificates were read anew")
      }
      #expect(try await stage.service.http.send("GET", "/readyz").status == 200)
    }
  }

  /// Starts a service that cannot reach its Redis, and expects the reason in its log and at
  /// `/readyz`.
  private func expectRefusal(
    _ redis: RedisServer,
    _ settings: [String: String],
    _ words: String
  ) async throws {
    let base = [
      "PLAYMETER_MASTER_KEY": Installation.masterKey,
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
    ]
    let environment = base.merging(redis.tlsSettings) { _, tls in tls }
      .merging(settings) { _, given in given }
    let service = try await ServiceProcess.start(environment: environment, awaitsReadiness: false)
    try await Waiting.until("the log says: \(words)\n\(service.log)", within: .seconds(20)) {
      service.log.contains(words)
    }
    let answer = try await service.http.send("GET", "/readyz")
    #expect(answer.status == 503)
    #expect(answer.text.contains(words), "\(answer.text)")
    try await service.terminate()
  }

  @Test("Whose authority we do not trust is refused")
  func authority() async throws {
    let authority = try await CertificateAuthority()
    let other = try await CertificateAuthority()
    let files = Files(authority, try await authority.issue())
    let redis = try await RedisServer.start(.init(tls: files))
    let words = "no TLS with localhost: its certificate is signed by no authority that we trust"
    try await expectRefusal(redis, ["PLAYMETER_REDIS_CA": other.certificatePath], words)
    // The system's authorities have not signed it either.
    try await expectRefusal(redis, ["PLAYMETER_REDIS_CA": ""], words)
  }

  @Test("A certificate for another host, by name or by address, is refused")
  func host() async throws {
    let authority = try await CertificateAuthority()
    let identity = try await authority.issue(names: ["DNS:elsewhere.example", "IP:127.0.0.9"])
    let redis = try await RedisServer.start(.init(tls: Files(authority, identity)))
    let words = "its certificate is for another host"
    try await expectRefusal(redis, [:], "no TLS with localhost: \(words)")
    let byAddress = redis.tlsURL.replacing("localhost", with: "127.0.0.1")
    try await expectRefusal(
      redis,
      ["PLAYMETER_REDIS_URL": byAddress],
      "no TLS with 127.0.0.1: \(words)"
    )
  }

  @Test("A certificate that has run out is refused")
  func expired() async throws {
    let authority = try await CertificateAuthority()
    let identity = try await authority.issue(days: -1)
    let redis = try await RedisServer.start(.init(tls: Files(authority, identity)))
    try await expectRefusal(redis, [:], "its certificate has run out, 24 hours ago")
  }

  @Test("A Redis that asks for a certificate which we do not have, or that is no good, says so")
  func noClientCertificate() async throws {
    let authority = try await CertificateAuthority()
    let other = try await CertificateAuthority()
    let files = Files(authority, try await authority.issue(), asksClients: true)
    let redis = try await RedisServer.start(.init(tls: files))
    try await expectRefusal(redis, [:], "it refused us: certificate required")
    let foreign = try await other.issue()
    let settings = [
      "PLAYMETER_REDIS_CERTIFICATE": foreign.certificatePath,
      "PLAYMETER_REDIS_PRIVATE_KEY": foreign.keyPath,
    ]
    try await expectRefusal(redis, settings, "it refused us: unknown ca")
  }

  @Test("A Redis without TLS at that port is told apart")
  func plain() async throws {
    let authority = try await CertificateAuthority()
    let redis = try await RedisServer.start(.init(listensOnTCP: true))
    let settings = [
      "PLAYMETER_REDIS_URL": "rediss://localhost:\(redis.port)/0",
      "PLAYMETER_REDIS_CA": authority.certificatePath,
    ]
    try await expectRefusal(redis, settings, "no TLS with localhost: no answer to the handshake")
  }

  @Test("An address of the URL is compared with the addresses of the certificate")
  func address() async throws {
    let authority = try await CertificateAuthority()
    let identity = try await authority.issue(names: ["IP:127.0.0.1"])
    let redis = try await RedisServer.start(.init(tls: Files(authority, identity)))
    let environment = [
      "PLAYMETER_MASTER_KEY": Installation.masterKey,
      "PLAYMETER_ARCHIVE_DIRECTORY": redis.archivePath,
      "PLAYMETER_REDIS_URL": redis.tlsURL.replacing("localhost", with: "127.0.0.1"),
      "PLAYMETER_REDIS_CA": authority.certificatePath,
    ]
    let result = try await ServiceProcess.runCommand(["check"], environment: environment)
    #expect(result.standardOutput == "ok\n", "\(result.standardError)")
  }

  @Test("Files that cannot be used, or are of no use, stop the start with the setting's name")
  func faults() async throws {
    let authority = try await CertificateAuthority()
    let (one, other) = (try await authority.issue(), try await authority.issue())
    let base = [
      "PLAYMETER_MASTER_KEY": Installation.masterKey,
      "PLAYMETER_REDIS_URL": "rediss://localhost:1",
    ]
    let cases: [([String: String], String)] = [
      (["PLAYMETER_REDIS_CA": "/nowhere/ca"], "PLAYMETER_REDIS_CA: /nowhere/ca cannot be read"),
      (["PLAYMETER_REDIS_CA": one.keyPath], "PLAYMETER_REDIS_CA: \(one.keyPath) holds no"),
      (
        ["PLAYMETER_REDIS_CERTIFICATE": one.certificatePath],
        "PLAYMETER_REDIS_PRIVATE_KEY: must be set together with PLAYMETER_REDIS_CERTIFICATE"
      ),
      (
        [
          "PLAYMETER_REDIS_CERTIFICATE": one.certificatePath,
          "PLAYMETER_REDIS_PRIVATE_KEY": other.keyPath,
        ],
        "PLAYMETER_REDIS_PRIVATE_KEY: \(other.keyPath) is not the key of the certificate"
      ),
      (
        [
          "PLAYMETER_REDIS_URL": "redis://localhost:1",
          "PLAYMETER_REDIS_CA": authority.certificatePath,
        ],
        "PLAYMETER_REDIS_CA: is only for a rediss:// URL"
      ),
    ]
    for (settings, fault) in cases {
      let environment = base.merging(settings) { _, given in given }
      let result = try await ServiceProcess.runCommand(["serve"], environment: environment)
      #expect(result.status == 1)
      #expect(result.standardError.contains(fault), "\(result.standardError)")
    }
  }
}
