import NIOCore
import Testing

@testable import RedisClient

@Suite("Connection state machine", .timeLimit(.minutes(15)))
struct StateMachineTests {
  typealias Machine = RedisChannelHandler.StateMachine<String>

  private func time(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

  /// Submits a call and returns the refusal, if there is one.
  @discardableResult
  private func submit(
    _ name: String,
    to machine: inout Machine,
    count: Int = 1,
    pipeline: Bool = false,
    deadline: Int64 = 10
  ) -> RedisError? {
    let action = machine.submit(
      name,
      commandCount: count,
      isPipeline: pipeline,
      deadline: time(deadline)
    )
    guard case .refuse(let error) = action else { return nil }
    return error
  }

  @Test("Replies go to the callers in the order of their commands")
  func order() {
    var machine = Machine(maximumInFlight: 10)
    for name in ["a", "b", "c"] { submit(name, to: &machine) }
    for (number, name) in ["a", "b", "c"].enumerated() {
      let action = machine.receive(.integer(Int64(number)))
      #expect(action.completed?.waiter == name)
      #expect(action.completed?.reply == .integer(Int64(number)))
      #expect(action.next == .proceed)
    }
  }

  @Test("A pipeline is answered when its last reply is there, and the next call after it")
  func pipeline() {
    var machine = Machine(maximumInFlight: 10)
    submit("p", to: &machine, count: 2, pipeline: true)
    submit("q", to: &machine, count: 1, pipeline: true)
    #expect(machine.receive(.integer(1)).completed == nil)
    let first = machine.receive(.integer(2)).completed
    #expect(first?.waiter == "p")
    #expect(first?.reply == .array([.integer(1), .integer(2)]))
    #expect(machine.receive(.integer(3)).completed?.reply == .array([.integer(3)]))
  }

  @Test("The queue is bounded by commands, and a reply makes room for one")
  func queueFull() {
    var machine = Machine(maximumInFlight: 3)
    #expect(submit("a", to: &machine, count: 4, pipeline: true) == .queueFull)
    submit("b", to: &machine, count: 2, pipeline: true)
    submit("c", to: &machine)
    #expect(submit("d", to: &machine) == .queueFull)
    _ = machine.receive(.null)
    #expect(submit("d", to: &machine) == nil)
    #expect(submit("e", to: &machine) == .queueFull)
  }

  @Test("Only a deadline earlier than the timer's sets the timer")
  func timer() {
    var machine = Machine(maximumInFlight: 10)
    func timer(_ deadline: Int64) -> NIODeadline? {
      let action = machine.submit("x", commandCount: 1, isPipeline: false, deadline: time(deadline))
      guard case .write(let timer) = action else { return nil }
      return timer
    }
    #expect(timer(10) == time(10))
    #expect(timer(11) == nil)
    #expect(timer(5) == time(5))
  }

  @Test("An impatient caller behind a patient one gives up alone and keeps its place")
  func impatient() {
    var machine = Machine(maximumInFlight: 10)
    submit("patient", to: &machine, deadline: 60)
    submit("impatient", to: &machine, deadline: 1)
    submit("other", to: &machine, deadline: 20)
    guard case .wait(let until, let expired) = machine.timerFired(now: time(1)) else {
      Issue.record("the connection was dropped")
      return
    }
    #expect(until == time(20))
    #expect(expired == ["impatient"])
    #expect(machine.receive(.integer(1)).completed?.waiter == "patient")
    #expect(machine.receive(.integer(2)).completed?.waiter == "impatient")
    #expect(machine.receive(.integer(3)).completed?.waiter == "other")
  }

  @Test("When the head is late, it gets the deadline error and the others lose the connection")
  func wedged() {
    var machine = Machine(maximumInFlight: 10)
    for name in ["a", "b"] { submit(name, to: &machine, deadline: 10) }
    guard case .drop(let error) = machine.timerFired(now: time(10)) else {
      Issue.record("the connection was kept")
      return
    }
    let failures = machine.close(error)
    #expect(failures.map(\.waiter) == ["a", "b"])
    #expect(failures.first?.error == .deadlineExceeded)
    #expect(failures.last?.error == .connectionLost("Redis did not answer in time"))
    #expect(submit("c", to: &machine) == .notConnected("Redis did not answer in time"))
    #expect(machine.close(.cancelled).isEmpty)
  }

  @Test("A timer that finds the head in time waits for the head's deadline")
  func timerAfterReplies() {
    var machine = Machine(maximumInFlight: 10)
    submit("a", to: &machine, deadline: 10)
    submit("b", to: &machine, deadline: 12)
    _ = machine.receive(.null)
    guard case .wait(let until, let expired) = machine.timerFired(now: time(10)) else {
      Issue.record("the connection was dropped")
      return
    }
    #expect(until == time(12))
    #expect(expired.isEmpty)
    _ = machine.receive(.null)
    guard case .rest = machine.timerFired(now: time(12)) else {
      Issue.record("an empty queue needs no timer")
      return
    }
  }

  @Test("A reply nobody asked for is a violation")
  func unasked() {
    var machine = Machine(maximumInFlight: 10)
    guard case .drop(.protocolViolation) = machine.receive(.null).next else {
      Issue.record("the reply was accepted")
      return
    }
  }

  @Test(
    "A server that cannot serve us answers its caller and is dropped",
    arguments: ["READONLY You can't write", "MASTERDOWN Link is down", "LOADING Redis is loading"]
  )
  func wrongServer(line: String) {
    var machine = Machine(maximumInFlight: 10)
    submit("a", to: &machine, count: 2, pipeline: true)
    let error = RedisReply.error(RedisServerError(message: line))
    #expect(machine.receive(error).next == .proceed)
    let action = machine.receive(.null)
    #expect(action.completed?.reply == .array([error, .null]))
    #expect(action.next == .drop(.connectionLost(line)))
  }

  @Test("Any other error leaves the connection alone")
  func otherError() {
    var machine = Machine(maximumInFlight: 10)
    submit("a", to: &machine)
    let reply = RedisReply.error(RedisServerError(message: "OOM command not allowed"))
    #expect(machine.receive(reply).next == .proceed)
  }

  @Test("Draining refuses new commands and ends after the last reply")
  func drain() {
    var machine = Machine(maximumInFlight: 10)
    for name in ["a", "b"] { submit(name, to: &machine) }
    #expect(machine.drain() == .proceed)
    #expect(submit("c", to: &machine) == .notConnected("the connection is closing"))
    #expect(machine.receive(.null).next == .proceed)
    #expect(machine.receive(.null).next != .proceed)
    var idle = Machine(maximumInFlight: 10)
    #expect(idle.drain() != .proceed)
  }
}
