public import NIOCore
import NIOSSL
import Synchronization

/// What a listener speaks TLS with, for every connection that it accepts. It can be replaced while
/// the listener runs: connections that are open go on with what they began with.
public final class ServerTLS: Sendable {
  /// How a handshake ended.
  public enum Outcome: String, Sendable, CaseIterable {
    /// The connection can be used.
    case completed
    /// One end refused the other, or the client left.
    case failed
    /// The client did not go on in time.
    case timedOut = "timed_out"
  }

  /// How long a handshake may take. A client needs two round trips; one that goes on more slowly
  /// holds a connection for nothing.
  public static let handshakeLimit = Duration.seconds(10)
  /// How long a client may take to answer our farewell. Nobody waits for it.
  private static let farewellLimit = TimeAmount.seconds(2)
  /// Forward secret and authenticated ones only, which every client with TLS 1.2 has; those of 1.3
  /// are all of that kind.
  private static let ciphers = "ECDH+AESGCM:ECDH+CHACHA20"

  private let context: Mutex<NIOSSLContext>

  /// TLS 1.2 and later with an identity.
  ///
  /// - Parameter clients: With authorities, clients are asked for a certificate. One that shows
  ///   none is accepted, and ``hasClientCertificate(on:)`` tells; one that shows a certificate of
  ///   another authority, or one that has run out, is refused.
  /// - Throws: `.certificate` when TLS does not take the identity.
  public init(_ identity: Identity, clients: Authorities? = nil) throws(TLSError) {
    context = Mutex(try Self.context(identity, clients))
  }

  /// Takes another identity, and other authorities, for connections from now on.
  ///
  /// - Throws: `.certificate` when TLS does not take them; then nothing has changed.
  public func replace(_ identity: Identity, clients: Authorities? = nil) throws(TLSError) {
    let context = try Self.context(identity, clients)
    self.context.withLock { $0 = context }
  }

  /// Puts TLS in front of whatever is in the channel's pipeline. Called on the channel's event
  /// loop, before anything was read.
  ///
  /// - Parameter onOutcome: Told once how the handshake ended.
  public func secure(
    _ channel: any Channel,
    onOutcome: @escaping @Sendable (Outcome) -> Void
  ) throws {
    let handshake = HandshakeHandler(limit: Self.handshakeLimit, onOutcome: onOutcome)
    let tls = NIOSSLServerHandler(context: context.withLock { $0 })
    try channel.pipeline.syncOperations.addHandlers([tls, handshake], position: .first)
  }

  /// Whether the client has proved who it is by a certificate of the authorities. Called on the
  /// channel's event loop, after the handshake.
  public static func hasClientCertificate(on channel: any Channel) -> Bool {
    // A channel without TLS has no such handler, and its client proves nothing.
    let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate()
    return certificate != nil
  }

  private static func context(
    _ identity: Identity,
    _ clients: Authorities?
  ) throws(TLSError) -> NIOSSLContext {
    var configuration = identity.serverConfiguration
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuites = ciphers
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = farewellLimit
    if let clients {
      configuration.certificateVerification = .optionalVerification
      configuration.trustRoots = .certificates(clients.certificates)
      // So clients know which of their certificates to show.
      configuration.sendCANameList = true
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw .certificate("cannot be used: \(error)")
    }
  }
}
