import NIOCore
import NIOHTTP1

extension HTTPConnectionHandler {
  /// The rules of one connection as a pure value: which request is answered next, and when the
  /// connection ends. It does no I/O; each verb returns what the handler is to do.
  struct StateMachine {
    /// What is answered next.
    enum Arrival: Sendable {
      case request(RequestHead, BoundedBody)
      /// Bytes that are no HTTP, where a request should begin.
      case noHTTP
      /// A line and a header past their bounds.
      case headTooLarge
    }

    /// What to do with the connection.
    enum Action: Equatable {
      case proceed
      case close
      /// Say that nothing more is sent, throw away what still comes for a while, and close then.
      case linger
    }

    /// How much a client may go on sending after its last response, 1 MiB: what is in flight on a
    /// fast and long line.
    private static let lingerBytes = 1024 * 1024

    private enum Reception {
      /// The next byte begins a request.
      case between
      case body(RequestHead, [UInt8])
      /// The rest of a request that is answered without it.
      case rest
      /// The parser has given up; nothing can follow.
      case broken
    }

    private enum Phase {
      case open
      /// The next response is the last one.
      case ending
      /// The client sends nothing more; what was received is still answered.
      case inputClosed
      /// The last response is out; what comes in is thrown away.
      case lingering(discardedBytes: Int)
      case closed
    }

    /// The largest body that is read.
    private let maximumBodyBytes: Int
    private var reception = Reception.between
    private var phase = Phase.open
    private var arrived = CircularBuffer<Arrival>(initialCapacity: 1)
    /// Whether the client has not read so much that nothing more is answered.
    private var isOutputFull = false
    /// Whether a request was handed out and not answered yet.
    private(set) var isAnswering = false

    init(maximumBodyBytes: Int) {
      self.maximumBodyBytes = maximumBodyBytes
    }

    /// Whether more should be read: not while a request waits for the one before it, nor while the
    /// client does not read.
    var wantsMore: Bool { arrived.isEmpty && !isOutputFull }

    /// Whether the client reads what it is sent.
    var takesOutput: Bool { !isOutputFull }

    /// Whether the response to the request that is being answered ends the connection anyway.
    var isEnding: Bool {
      if case .open = phase { false } else { arrived.isEmpty && isBetween }
    }

    var isClosed: Bool {
      if case .closed = phase { true } else { false }
    }

    mutating func received(_ part: HTTPServerRequestPart) -> Action {
      if case .lingering = phase { return discard(part) }
      switch (part, reception) {
      case (_, .broken): break
      case (.head(let head), _): begin(head)
      case (.body(let bytes), .body(let head, let before)): append(bytes, before, to: head)
      case (.end, .body(let head, let bytes)):
        reception = .between
        arrived.append(.request(head, .complete(bytes)))
      case (.end, .rest): reception = .between
      case (.body, _), (.end, _): break
      }
      return .proceed
    }

    /// A request came in one piece, behind a whole one.
    mutating func received(_ head: RequestHead, _ body: [UInt8]) -> Action {
      if case .lingering = phase { return discarded(body.count) }
      arrived.append(.request(head, .complete(body)))
      return .proceed
    }

    /// The parser met bytes that are no HTTP, or more of a head than it takes.
    mutating func parsingFailed(isHeadTooLarge: Bool = false) {
      defer { reception = .broken }
      if case .lingering = phase { return }
      switch reception {
      case .between: arrived.append(isHeadTooLarge ? .headTooLarge : .noHTTP)
      case .body(let head, _): arrived.append(.request(head, .unreadable))
      case .rest, .broken: break
      }
    }

    /// Bytes were thrown away that nobody can make sense of any more.
    mutating func discarded(_ count: Int) -> Action {
      guard case .lingering(let discardedBytes) = phase else { return .proceed }
      phase = .lingering(discardedBytes: discardedBytes + count)
      return discardedBytes + count > Self.lingerBytes ? .close : .proceed
    }

    /// Whether there is a request to answer now.
    var hasNext: Bool { !isClosed && !isOutputFull && !arrived.isEmpty }

    /// The request to answer now, if there is one. It is answered before the next is handed out.
    mutating func next() -> Arrival? {
      guard hasNext, let arrival = arrived.popFirst() else { return nil }
      isAnswering = true
      return arrival
    }

    /// The client reads, or has left unread as much as is kept for it.
    mutating func outputChanged(isFull: Bool) { isOutputFull = isFull }

    /// A response was written; `isLast` says that it announced the end of the connection.
    mutating func answered(isLast: Bool) -> Action {
      isAnswering = false
      guard isLast || isEnding else { return .proceed }
      // The response has said that nothing follows it, so whatever came behind its request, were it
      // only bytes that are no HTTP, is not answered any more, nor keeps the rest from being read.
      arrived.removeAll()
      switch phase {
      // Nothing can follow.
      case .inputClosed: return close()
      // The client asked for the end itself.
      case .open where isBetween: return close()
      // It may have sent more before it reads of the end.
      case .open, .ending: return linger()
      case .lingering, .closed: return .proceed
      }
    }

    /// The service is about to stop: the next response is the last one.
    mutating func drain() {
      if case .open = phase { phase = .ending }
    }

    /// Nothing more is waited for: a connection on which nothing was asked ends.
    mutating func endIfIdle() -> Action {
      switch phase {
      case .open, .ending: isIdle ? linger() : .proceed
      case .inputClosed, .lingering, .closed: .proceed
      }
    }

    /// The client sends nothing more.
    mutating func inputClosed() -> Action {
      switch phase {
      case .closed: return .proceed
      case .lingering: return close()
      case .open, .ending, .inputClosed: phase = .inputClosed
      }
      // What is incomplete now stays so.
      reception = .between
      return isIdle ? close() : .proceed
    }

    /// The connection is gone, or goes now.
    @discardableResult
    mutating func close() -> Action {
      phase = .closed
      return .close
    }

    /// Whether nothing that still comes can be understood.
    var isBroken: Bool {
      if case .broken = reception { true } else { false }
    }

    private mutating func linger() -> Action {
      phase = .lingering(discardedBytes: 0)
      return .linger
    }

    private var isIdle: Bool { !isAnswering && arrived.isEmpty && isBetween }

    private var isBetween: Bool {
      if case .between = reception { true } else { false }
    }

    private mutating func begin(_ head: HTTPRequestHead) {
      let announced = head.headers.first(name: "content-length")
      guard let announced, BoundedBody.isAnnounced(announced, over: maximumBodyBytes)
      else {
        reception = .body(RequestHead(head), [])
        return
      }
      reception = .rest
      arrived.append(.request(RequestHead(head), .tooLarge(maximumBytes: maximumBodyBytes)))
    }

    private mutating func append(
      _ bytes: ByteBuffer,
      _ before: [UInt8],
      to head: RequestHead
    ) {
      guard before.count + bytes.readableBytes <= maximumBodyBytes else {
        reception = .rest
        arrived.append(.request(head, .tooLarge(maximumBytes: maximumBodyBytes)))
        return
      }
      // Most bodies come as one part, of which an array is made once.
      reception = .body(head, before + bytes.readableBytesView)
    }

    private mutating func discard(_ part: HTTPServerRequestPart) -> Action {
      switch part {
      case .head: .proceed
      case .body(let bytes): discarded(bytes.readableBytes)
      // The rest of what was refused is here; on any other connection more may follow.
      case .end: if case .rest = reception { close() } else { .proceed }
      }
    }
  }
}
