import NIOCore
import Testing

@testable import HTTPAPI

@Suite("The time-outs of a connection")
struct ConnectionClockTests {
  private static let limits = ConnectionLimits()
  private static let opened = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  /// So many seconds after the connection began.
  private static func after(_ seconds: Int64) -> NIODeadline { opened + .seconds(seconds) }

  private static func clock() -> ConnectionClock {
    ConnectionClock(openedAt: opened)
  }

  private func expect(
    _ clock: ConnectionClock,
    isAnswering: Bool = false,
    _ seconds: Int64,
    _ limit: Limit,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let end = clock.end(within: Self.limits, isAnswering: isAnswering)
    #expect(end?.at == Self.after(seconds), sourceLocation: location)
    #expect(end?.limit == limit, sourceLocation: location)
  }

  @Test("The first request must be whole 30 s after the connection began")
  func first() {
    var clock = Self.clock()
    expect(clock, 30, .requestTimeout)
    for second in 1..<30 { clock.received(at: Self.after(Int64(second))) }
    expect(clock, 30, .requestTimeout)
  }

  @Test("A later one 30 s after its first byte, however many follow")
  func later() {
    var clock = Self.clock()
    clock.requestCame()
    #expect(clock.end(within: Self.limits, isAnswering: true) == nil)
    clock.answered(at: Self.after(2))
    expect(clock, 77, .keepAliveTimeout)
    clock.received(at: Self.after(50))
    clock.received(at: Self.after(79))
    expect(clock, 80, .requestTimeout)
    // The next request may begin while this one is answered.
    expect(clock, isAnswering: true, 80, .requestTimeout)
  }

  @Test("A response must be read 30 s after it has filled the buffers; then it is idle time")
  func response() {
    var clock = Self.clock()
    clock.requestCame()
    clock.answered(at: Self.after(1))
    clock.responseStalled(at: Self.after(1))
    clock.responseStalled(at: Self.after(20))
    expect(clock, isAnswering: true, 31, .responseTimeout)
    clock.received(at: Self.after(0))
    expect(clock, 30, .requestTimeout)
    clock.requestCame()
    clock.responseTaken(at: Self.after(25))
    expect(clock, 100, .keepAliveTimeout)
  }

  @Test("No end is overlooked by a timer that looks when it is told to")
  func looks() {
    var clock = Self.clock()
    clock.requestCame()
    clock.answered(at: Self.after(1))
    let first = clock.nextLook(after: Self.after(1), within: Self.limits, isAnswering: false)
    #expect(first == Self.after(31))
    func look(_ isAnswering: Bool) -> NIODeadline {
      clock.nextLook(after: first, within: Self.limits, isAnswering: isAnswering)
    }
    // What begins right after that look.
    clock.received(at: Self.after(2))
    #expect(look(false) == Self.after(32))
    #expect(look(true) == Self.after(32))
    clock.requestCame()
    #expect(look(true) == Self.after(61))
  }
}
