public import NIOCore
import NIOSSL
import Synchronization

/// What connections to one server are made with: TLS 1.2 and later, the server's certificate
/// checked against authorities and against the name of its host. It can be replaced; connections
/// that are open go on with what they began with.
public final class ClientTLS: Sendable {
  /// How long the server may take to answer our farewell. A connection that is dropped is mostly
  /// one whose server does not answer any more, and its place is wanted for the next.
  private static let farewellLimit = TimeAmount.milliseconds(100)

  private let context: Mutex<NIOSSLContext>

  /// TLS towards servers.
  ///
  /// - Parameters:
  ///   - authorities: Who signs servers' certificates; the system's authorities by default.
  ///   - identity: What is shown to a server that asks for a certificate.
  /// - Throws: `.authorities` when the system's cannot be read, `.certificate` when TLS does not
  ///   take the identity.
  public init(authorities: Authorities? = nil, identity: Identity? = nil) throws(TLSError) {
    context = Mutex(try Self.context(authorities, identity))
  }

  /// Takes other authorities and another identity for connections from now on.
  ///
  /// - Throws: As the initializer; then nothing has changed.
  public func replace(authorities: Authorities?, identity: Identity?) throws(TLSError) {
    let context = try Self.context(authorities, identity)
    self.context.withLock { $0 = context }
  }

  /// Puts TLS in front of whatever is in the channel's pipeline. Called on the channel's event
  /// loop, before it is connected. What goes wrong comes up the pipeline as ``HandshakeFailure``.
  ///
  /// - Parameters:
  ///   - host: The name or address that the certificate must be for. A name is also sent, so that a
  ///     server with several certificates shows the right one. A certificate for the address to
  ///     which the name leads is as good.
  ///   - limit: How long the handshake may take.
  public func secure(_ channel: any Channel, host: String, within limit: Duration) throws {
    // For an address NIO compares the certificate with where the connection leads.
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    let tls = try NIOSSLClientHandler(
      context: context.withLock { $0 },
      serverHostname: isAddress ? nil : host
    )
    try channel.pipeline.syncOperations.addHandlers(
      [tls, HandshakeFailureHandler(host: host, limit: limit)],
      position: .first
    )
  }

  private static func context(
    _ authorities: Authorities?,
    _ identity: Identity?
  ) throws(TLSError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.shutdownTimeout = farewellLimit
    if let authorities { configuration.trustRoots = .certificates(authorities.certificates) }
    if let identity {
      configuration.certificateChain = identity.chain.map { .certificate($0) }
      configuration.privateKey = .privateKey(identity.privateKey)
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw authorities == nil
        ? .authorities("the system's authorities cannot be read: \(error)")
        : .certificate("cannot be used: \(error)")
    }
  }
}
