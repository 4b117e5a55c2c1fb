import NIOHTTP1

/// What holds for every connection of a listener, as one object that all of them share.
///
/// An idle connection is mostly what it holds itself. With a copy of this in each, and with one of
/// the whole server in each of its closures, it took 1.3 KiB more.
final class ConnectionTerms: Sendable {
  let limits: ConnectionLimits
  /// Reads requests of the usual form.
  let scanner: RequestScanner
  /// The bounds of the decoder that reads all others.
  let decoderLimits: NIOHTTPDecoderLimitConfiguration
  /// Counts what limits refuse.
  let metrics: RequestMetrics

  init(_ limits: ConnectionLimits, metrics: RequestMetrics) {
    self.limits = limits
    self.metrics = metrics
    scanner = RequestScanner(limits)
    decoderLimits = NIOHTTPDecoderLimitConfiguration(limits)
  }
}

extension RequestScanner {
  /// The largest field of a header, which is what common proxies let through.
  fileprivate static let usualMaximumFieldBytes = 8 * 1024

  fileprivate init(_ limits: ConnectionLimits) {
    maximumHeadBytes = limits.headBytes
    maximumFieldBytes = min(Self.usualMaximumFieldBytes, limits.headBytes)
    maximumFieldCount = limits.headerFields
    maximumBodyBytes = limits.bodyBytes
  }
}

extension NIOHTTPDecoderLimitConfiguration {
  fileprivate init(_ limits: ConnectionLimits) {
    self.init()
    maxHeaderFieldSize = min(RequestScanner.usualMaximumFieldBytes, limits.headBytes)
    maxHeaderListSize = limits.headBytes
    maxHeaderFieldCount = limits.headerFields
  }
}
