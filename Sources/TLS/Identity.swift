import NIOSSL

/// A certificate, those that link it to its authority, and its private key: by what one end of a
/// connection proves who it is.
public struct Identity: Sendable {
  let chain: [NIOSSLCertificate]
  let privateKey: NIOSSLPrivateKey

  /// Reads both from PEM and holds them together.
  ///
  /// - Parameters:
  ///   - certificates: The certificate first, then those of intermediate authorities, if any.
  ///   - privateKey: The certificate's key, without a passphrase.
  /// - Throws: `.certificate` or `.privateKey`, the latter also when it is the key of another
  ///   certificate.
  public init(certificates: String, privateKey: String) throws(TLSError) {
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(Array(certificates.utf8))
    } catch {
      throw .certificate("holds no certificate in PEM")
    }
    guard !chain.isEmpty else { throw .certificate("holds no certificate in PEM") }
    do {
      self.privateKey = try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)
    } catch {
      throw .privateKey("holds no private key in PEM without a passphrase")
    }
    do {
      _ = try NIOSSLContext(configuration: serverConfiguration)
    } catch {
      throw .privateKey("is not the key of the certificate")
    }
  }

  /// When the first certificate of the chain runs out, in Unix seconds: from then on nobody who
  /// checks it connects any more.
  public var expiry: Int64 { chain.map { Int64($0.notValidAfter) }.min() ?? 0 }

  /// A server's configuration of TLS with this identity, which asks clients for none.
  var serverConfiguration: TLSConfiguration {
    .makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(privateKey)
    )
  }
}

/// Certificates of authorities: whoever they have signed is believed.
public struct Authorities: Sendable {
  let certificates: [NIOSSLCertificate]

  /// Reads them from PEM.
  ///
  /// - Throws: `.authorities` when there is none.
  public init(certificates: String) throws(TLSError) {
    do {
      self.certificates = try NIOSSLCertificate.fromPEMBytes(Array(certificates.utf8))
    } catch {
      throw .authorities("holds no certificate in PEM")
    }
    guard !self.certificates.isEmpty else { throw .authorities("holds no certificate in PEM") }
  }
}
