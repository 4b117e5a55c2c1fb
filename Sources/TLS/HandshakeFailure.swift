import NIOCore
import NIOSSL
import NIOTLS

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Why there is no encrypted connection to a server, in words for whoever runs it.
public struct HandshakeFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

/// Puts what TLS says about a server into words. The library gives the same error for a
/// certificate that has run out and for one of a stranger; the certificate itself tells which.
final class HandshakeFailureHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private static let secondsPerHour: Int64 = 3_600

  private let host: String
  private let limit: TimeAmount
  private var isCompleted = false
  private var timer: Scheduled<Void>?

  init(host: String, limit: Duration) {
    self.host = host
    self.limit = TimeAmount(limit)
  }

  func channelActive(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated()
      .scheduleTask(in: limit) { self.isLate(context) }
    context.fireChannelActive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent {
      isCompleted = true
      timer?.cancel()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A server that was killed says no farewell. That it is gone is told by the channel's end, and
    // whether a reply is complete by the protocol inside.
    if isCompleted, error as? NIOSSLError == .uncleanShutdown { return }
    guard let reason = reason(for: error, on: context) else {
      context.fireErrorCaught(error)
      return
    }
    context.fireErrorCaught(failure(reason))
  }

  /// A server without TLS may wait for the end of what it takes for a command.
  private func isLate(_ context: ChannelHandlerContext) {
    context.fireErrorCaught(failure("no answer to the handshake; does it speak TLS at that port?"))
  }

  private func failure(_ reason: String) -> HandshakeFailure {
    HandshakeFailure(description: "no TLS with \(host): \(reason)")
  }

  /// The reason in words; nil when the error is not about TLS.
  private func reason(for error: any Error, on context: ChannelHandlerContext) -> String? {
    switch error {
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return "its certificate is for another host"
    case NIOSSLError.handshakeFailed(.sslError(let stack)), BoringSSLError.sslError(let stack):
      return reason(for: stack, on: context)
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
      return "\(error)"
    default:
      return nil
    }
  }

  private func reason(
    for stack: NIOBoringSSLErrorStack,
    on context: ChannelHandlerContext
  ) -> String {
    let text = stack.map(\.description).joined(separator: "; ")
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return faultOfCertificate(on: context) }
    if text.contains("WRONG_VERSION_NUMBER") { return "what listens there does not speak TLS" }
    if text.contains("EOF during handshake") { return "it hung up during the handshake" }
    guard let alert = text.firstMatch(of: /(?:SSLV3|TLSV1)_ALERT_([A-Z_]+)/) else { return text }
    // An alert says how the other end judges us, above all our certificate.
    return "it refused us: \(alert.1.lowercased().replacing("_", with: " "))"
  }

  private func faultOfCertificate(on context: ChannelHandlerContext) -> String {
    let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    guard let certificate else { return "its certificate is refused" }
    let now = Int64(time(nil))
    let age = now - Int64(certificate.notValidAfter)
    if age > 0 {
      return "its certificate has run out, \(age / Self.secondsPerHour) hours ago"
    }
    if Int64(certificate.notValidBefore) > now { return "its certificate is not valid yet" }
    return "its certificate is signed by no authority that we trust"
  }
}
