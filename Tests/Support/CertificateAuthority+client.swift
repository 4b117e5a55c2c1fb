public import NIOSSL

extension CertificateAuthority {
  /// What a client that trusts nobody but this authority speaks TLS with.
  ///
  /// - Parameter identity: What it shows to a server that asks.
  public func client(showing identity: Issued? = nil) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(certificatePath)
    if let identity {
      configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificatePath)
        .map { .certificate($0) }
      configuration.privateKey = .privateKey(
        try NIOSSLPrivateKey(file: identity.keyPath, format: .pem)
      )
    }
    return configuration
  }
}
