/// The bounds of a listener's connections and of what comes over them. The defaults are the
/// published ones.
public struct ConnectionLimits: Sendable, Equatable {
  /// Counts of connections that make sense; each is a file of the process.
  public static let counts: ClosedRange<Int> = 1...1_000_000
  /// Sizes of a request's head that make sense, in bytes.
  public static let headSizes: ClosedRange<Int> = 4096...262_144
  /// Counts of header fields that make sense: proxies add some to a client's own.
  public static let fieldCounts: ClosedRange<Int> = 20...1000
  /// Sizes of a body that make sense, in bytes: a launcher's start can take 4 KiB.
  public static let bodySizes: ClosedRange<Int> = 4096...1_048_576
  /// Time-outs that make sense.
  public static let timeouts: ClosedRange<Duration> = .milliseconds(100)...(.seconds(3600))

  /// Connections in all.
  public var connections = 100_000
  /// Connections of one address; nil for as many as there may be in all. A cafe's PCs share one,
  /// and so do a game platform's servers. An IPv6 /64 counts as one address.
  public var connectionsPerAddress: Int? = 4096
  /// Bytes of a request's line and header together; ours are well below 1 KiB.
  public var headBytes = 32 * 1024
  /// Fields of a header.
  public var headerFields = 100
  /// Bytes of a body; the contract's size.
  public var bodyBytes = 16 * 1024
  /// From a request's first byte to its last, and from a connection's begin to the end of its first
  /// request. It does not begin anew with each byte, so that nobody can hold a connection by
  /// dripping.
  public var requestTimeout = Duration.seconds(30)
  /// How long a client may leave a response unread.
  public var responseTimeout = Duration.seconds(30)
  /// How long a connection may be idle between two requests: more than the 60 s of common proxies,
  /// so that they close first and never send a request into a connection that we are just closing.
  public var keepAliveTimeout = Duration.seconds(75)

  /// The defaults.
  public init() {}
}
