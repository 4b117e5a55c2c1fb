import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPAPI

@Suite("The rules of a connection")
struct ConnectionStateTests {
  private typealias State = HTTPConnectionHandler.StateMachine

  private static let maximumBytes = 16 * 1024
  private static var empty: State { State(maximumBodyBytes: maximumBytes) }

  private static func head(_ uri: String, length: Int? = nil) -> HTTPServerRequestPart {
    let fields = length.map { [("Content-Length", String($0))] } ?? []
    return .head(
      HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: HTTPHeaders(fields))
    )
  }

  private static func body(_ text: String) -> HTTPServerRequestPart {
    .body(ByteBuffer(string: text))
  }

  /// A state that has received these parts.
  private static func received(_ parts: HTTPServerRequestPart...) -> State {
    var state = empty
    for part in parts { #expect(state.received(part) == .proceed) }
    return state
  }

  /// `/path body` of the next request, or what else comes.
  private static func next(_ state: inout State) -> String? {
    switch state.next() {
    case .request(let head, .complete(let bytes)):
      "\(head.target) \(String(decoding: bytes, as: UTF8.self))"
    case .request(let head, .tooLarge): "\(head.target) too large"
    case .request(let head, .unreadable): "\(head.target) unreadable"
    case .noHTTP: "no HTTP"
    case .headTooLarge: "head too large"
    case nil: nil
    }
  }

  @Test("A request is handed out when it is whole, with its body put together")
  func whole() {
    var state = Self.received(Self.head("/a"), Self.body("he"), Self.body("llo"))
    #expect(Self.next(&state) == nil)
    #expect(state.received(.end(nil)) == .proceed)
    #expect(Self.next(&state) == "/a hello")
    #expect(state.answered(isLast: false) == .proceed)
    #expect(Self.next(&state) == nil)
  }

  @Test("Requests that come at once are answered in their order, and nothing more is read")
  func pipelined() {
    var state = Self.received(Self.head("/a"), .end(nil), Self.head("/b"), .end(nil))
    #expect(!state.wantsMore)
    #expect(Self.next(&state) == "/a ")
    #expect(!state.wantsMore)
    #expect(state.answered(isLast: false) == .proceed)
    #expect(Self.next(&state) == "/b ")
    #expect(state.wantsMore)
  }

  @Test("A body past the bound is refused before it has come; what follows is thrown away")
  func tooLarge() {
    let full = String(repeating: "x", count: Self.maximumBytes)
    var announced = Self.received(Self.head("/a", length: Self.maximumBytes + 1))
    #expect(Self.next(&announced) == "/a too large")
    var sent = Self.received(Self.head("/b"), Self.body(full))
    #expect(Self.next(&sent) == nil)
    #expect(sent.received(Self.body("x")) == .proceed)
    #expect(Self.next(&sent) == "/b too large")
    #expect(sent.answered(isLast: true) == .linger)
    #expect(sent.received(Self.body(full)) == .proceed)
    #expect(sent.received(.end(nil)) == .close)
  }

  @Test("A client that goes on sending after its last response is cut off at 1 MiB")
  func endless() {
    var state = Self.received(Self.head("/a", length: 9_999_999))
    _ = Self.next(&state)
    #expect(state.answered(isLast: true) == .linger)
    let half = Self.body(String(repeating: "x", count: 512 * 1024))
    #expect(state.received(half) == .proceed)
    #expect(state.received(half) == .proceed)
    #expect(state.received(Self.body("x")) == .close)
  }

  @Test("Bytes that are no HTTP are answered after what came before them, once")
  func noHTTP() {
    var between = Self.received(Self.head("/a"), .end(nil))
    between.parsingFailed()
    between.parsingFailed()
    #expect(Self.next(&between) == "/a ")
    #expect(between.answered(isLast: false) == .proceed)
    #expect(Self.next(&between) == "no HTTP")
    #expect(between.answered(isLast: true) == .linger)
    #expect(Self.next(&between) == nil)
    var inside = Self.received(Self.head("/a"), Self.body("x"))
    inside.parsingFailed()
    #expect(Self.next(&inside) == "/a unreadable")
  }

  @Test("Nothing is answered behind the last response, not even bytes that are no HTTP")
  func silentAfterLast() {
    for failsEarly in [true, false] {
      var state = Self.received(Self.head("/a"), .end(nil))
      if failsEarly { state.parsingFailed() }
      #expect(Self.next(&state) == "/a ")
      if !failsEarly { _ = state.received(Self.head("/b")) }
      #expect(state.answered(isLast: true) == .linger)
      state.parsingFailed()
      #expect(Self.next(&state) == nil)
      #expect(state.wantsMore)
    }
  }

  @Test(
    "A shutdown ends an idle connection when it has waited, one with a request after its answer"
  )
  func drained() {
    var idle = Self.empty
    idle.drain()
    #expect(!idle.isClosed)
    #expect(idle.endIfIdle() == .linger)
    #expect(idle.endIfIdle() == .proceed)
    var answering = Self.received(Self.head("/a"), .end(nil))
    answering.drain()
    #expect(answering.endIfIdle() == .proceed)
    _ = Self.next(&answering)
    #expect(answering.isEnding)
    #expect(answering.endIfIdle() == .proceed)
    #expect(answering.answered(isLast: true) == .linger)
  }

  @Test("A request that comes before the end is answered, all that comes after it is thrown away")
  func afterTheEnd() {
    var state = Self.empty
    state.drain()
    #expect(state.received(Self.head("/a")) == .proceed)
    #expect(state.received(.end(nil)) == .proceed)
    #expect(state.endIfIdle() == .proceed)
    #expect(Self.next(&state) == "/a ")
    #expect(state.answered(isLast: true) == .linger)
    #expect(state.received(Self.head("/b")) == .proceed)
    #expect(state.received(Self.body("x")) == .proceed)
    #expect(state.received(.end(nil)) == .proceed)
    state.parsingFailed()
    #expect(Self.next(&state) == nil)
    #expect(state.wantsMore)
    #expect(state.inputClosed() == .close)
  }

  @Test("A client that asks for the end itself needs no time after it")
  func askedEnd() {
    var state = Self.received(Self.head("/a"), .end(nil))
    _ = Self.next(&state)
    #expect(state.answered(isLast: true) == .close)
    #expect(state.isClosed)
  }

  @Test("A request whose rest is still to come is awaited by a shutdown, not after the input's end")
  func incomplete() {
    var drained = Self.received(Self.head("/a"))
    drained.drain()
    #expect(drained.endIfIdle() == .proceed)
    #expect(drained.received(.end(nil)) == .proceed)
    #expect(Self.next(&drained) == "/a ")
    #expect(drained.answered(isLast: false) == .linger)
    var closed = Self.received(Self.head("/a"))
    #expect(closed.inputClosed() == .close)
    var both = Self.received(Self.head("/a"))
    both.drain()
    #expect(both.inputClosed() == .close)
    var answered = Self.received(Self.head("/a"), .end(nil))
    #expect(answered.inputClosed() == .proceed)
    #expect(Self.next(&answered) == "/a ")
    #expect(answered.answered(isLast: true) == .close)
  }

  @Test("While the client leaves much unread nothing more is read, answered or begun")
  func unread() {
    var state = Self.received(Self.head("/a"), .end(nil), Self.head("/b"), .end(nil))
    #expect(Self.next(&state) == "/a ")
    #expect(state.answered(isLast: false) == .proceed)
    state.outputChanged(isFull: true)
    #expect(Self.next(&state) == nil)
    #expect(!state.wantsMore)
    state.outputChanged(isFull: false)
    #expect(Self.next(&state) == "/b ")
    #expect(state.wantsMore)
    state.outputChanged(isFull: true)
    #expect(!state.wantsMore)
  }

  @Test("After bytes that are no HTTP nothing is understood, and little of it thrown away")
  func broken() {
    var state = Self.received(Self.head("/a"))
    state.parsingFailed(isHeadTooLarge: true)
    #expect(state.isBroken)
    #expect(state.received(Self.head("/b")) == .proceed)
    #expect(state.received(.end(nil)) == .proceed)
    #expect(Self.next(&state) == "/a unreadable")
    #expect(Self.next(&state) == nil)
    #expect(state.discarded(9_999_999) == .proceed)
    #expect(state.answered(isLast: true) == .linger)
    #expect(state.discarded(1024 * 1024) == .proceed)
    #expect(state.discarded(1) == .close)
    var between = Self.empty
    between.parsingFailed(isHeadTooLarge: true)
    #expect(Self.next(&between) == "head too large")
  }

  @Test("The date of a response follows RFC 9110")
  func date() {
    let date = ResponseDate()
    #expect(date.text(at: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(date.text(at: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(date.text(at: 1_798_761_599) == "Thu, 31 Dec 2026 23:59:59 GMT")
  }

  @Test("Ten thousand identifiers of requests are all different and well formed")
  func requestIDs() {
    let ids = RequestIDs()
    let made = Set((0..<10_000).map { _ in ids.random() })
    #expect(made.count == 10_000)
    #expect(made.allSatisfy { $0.hasPrefix("req_") && $0.utf8.count == 36 })
  }
}
