import NIOCore

/// What a connection waits for, and until when: a pure value that is told what happens and when.
struct ConnectionClock {
  /// Since when nothing is asked and nothing is owed.
  private var idleSince: NIODeadline
  /// When the request began that is coming in; the first one begins with its connection.
  private var requestSince: NIODeadline?
  /// Since when the client does not take what it is sent.
  private var responseSince: NIODeadline?

  init(openedAt now: NIODeadline) {
    idleSince = now
    requestSince = now
  }

  /// Bytes came. Only the first ones of a request count: later ones do not buy time.
  mutating func received(at now: NIODeadline) {
    if requestSince == nil { requestSince = now }
  }

  /// The request is here as a whole.
  mutating func requestCame() { requestSince = nil }

  /// It was answered.
  mutating func answered(at now: NIODeadline) { idleSince = now }

  /// The client has more to read than is kept for it, or has to read its last response.
  mutating func responseStalled(at now: NIODeadline) {
    if responseSince == nil { responseSince = now }
  }

  /// The client has read on.
  mutating func responseTaken(at now: NIODeadline) {
    responseSince = nil
    idleSince = now
  }

  /// When the connection is cut and by which limit; nil while it waits for us alone.
  func end(
    within limits: ConnectionLimits,
    isAnswering: Bool
  ) -> (at: NIODeadline, limit: Limit)? {
    let request = requestSince.map { $0 + TimeAmount(limits.requestTimeout) }
    let response = responseSince.map { $0 + TimeAmount(limits.responseTimeout) }
    if let request, request < response ?? .distantFuture { return (request, .requestTimeout) }
    if let response { return (response, .responseTimeout) }
    guard !isAnswering else { return nil }
    return (idleSince + TimeAmount(limits.keepAliveTimeout), .keepAliveTimeout)
  }

  /// When to look again. Whatever begins after this look ends no earlier than the shortest limit
  /// after it, so no wait is overlooked, and no request needs a timer of its own.
  func nextLook(
    after now: NIODeadline,
    within limits: ConnectionLimits,
    isAnswering: Bool
  ) -> NIODeadline {
    let shortest = min(limits.requestTimeout, limits.responseTimeout, limits.keepAliveTimeout)
    let later = now + TimeAmount(shortest)
    return min(end(within: limits, isAnswering: isAnswering)?.at ?? later, later)
  }
}
