import Domain
import Support
import Testing

@testable import RedisStore

@Suite("The life of a reservation", .serialized, .timeLimit(.minutes(15)))
struct HostReservationTests {
  /// Lets time pass while a host that always says it is idle is heard.
  private func waitIdle(_ stage: HostStage, seconds: Int64) async throws {
    var left = seconds
    while left > 0 {
      stage.pass(seconds: min(25, left))
      left -= 25
      try await stage.beat("pc")
    }
  }

  @Test("A pending reservation keeps its slot for 60 s from a host that says idle, then lapses")
  func lapse() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      let match = try await stage.take()
      try await waitIdle(stage, seconds: 55)
      #expect(try await stage.find() == .noneFree)
      try await waitIdle(stage, seconds: 7)
      let next = try await stage.take()
      #expect(next.reservation != match.reservation)
      #expect(next.expiresAt.milliseconds - match.expiresAt.milliseconds >= 60_000)
      #expect(try await stage.story(of: match) == ["pending", "ended", "lapsed"])
    }
  }

  @Test("A host whose reservation is over, though nobody swept it, comes before the next region's")
  func regionsInOrder() async throws {
    try await HostStage.open { stage in
      try await stage.beat("far", region: "east")
      try await stage.beat("pc")
      _ = try await stage.take(in: ["local"])
      // Heartbeats that say nothing new, which sweep nothing either.
      for _ in 0..<3 {
        stage.pass(seconds: 21)
        try await stage.beat("far", region: "east")
        try await stage.beat("pc")
      }
      #expect(try await stage.take(in: ["local", "east"]).host == HostID("pc"))
      #expect(try await stage.take(in: ["local", "east"]).host == HostID("far"))
    }
  }

  @Test("A lapsed reservation is neither confirmed nor released, even before anything swept it")
  func tooLate() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 2)
      let one = try await stage.take()
      let other = try await stage.take()
      try await stage.hosts.heartbeat(longLived())
      stage.pass(seconds: 61)
      #expect(try await !stage.hosts.confirm(one.reservation))
      #expect(try await !stage.hosts.release(other.reservation))
      #expect(try await !stage.hosts.release(.random()))
      #expect(try await !stage.hosts.confirm(.random()))
      #expect(try await stage.story(of: one) == ["pending", "ended", "lapsed"])
    }
  }

  private func longLived() -> HostBeat {
    HostBeat(
      id: HostID("other")!,
      room: RoomID("room")!,
      region: Region("local")!,
      status: nil,
      capacity: 1,
      availableSlots: nil
    )
  }

  @Test("Busy confirms the oldest pending reservation, and the idle after it ends that one only")
  func busyAndIdle() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 3)
      let first = try await stage.take()
      stage.server.clock.advance(by: .milliseconds(5))
      let second = try await stage.take()
      try await stage.beat("pc", status: .busy, capacity: 3)
      try await stage.beat("pc", status: .busy, capacity: 3)
      #expect(try await stage.story(of: first) == ["pending", "confirmed"])
      #expect(try await stage.story(of: second) == ["pending"])
      #expect(try await stage.free() == 0)
      try await stage.beat("pc", status: .idle, capacity: 3)
      #expect(try await stage.story(of: first) == ["pending", "confirmed", "ended", "idle"])
      #expect(try await stage.story(of: second) == ["pending"])
      #expect(try await stage.free() == 2)
    }
  }

  @Test("A mere idle ends neither a pending nor a confirmed reservation")
  func mereIdle() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 3)
      let confirmed = try await stage.take()
      _ = try await stage.take()
      #expect(try await stage.hosts.confirm(confirmed.reservation))
      #expect(try await stage.hosts.confirm(confirmed.reservation))
      for _ in 1...3 { try await stage.beat("pc", capacity: 3) }
      #expect(try await stage.setStatus(.idle))
      #expect(try await stage.free() == 1)
    }
  }

  @Test("What the client confirmed ends with the idle after a later busy, not after an earlier one")
  func confirmedDuringBusy() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 3)
      let first = try await stage.take()
      stage.server.clock.advance(by: .milliseconds(5))
      let second = try await stage.take()
      #expect(try await stage.setStatus(.busy))
      #expect(try await stage.hosts.confirm(second.reservation))
      #expect(try await stage.setStatus(.idle))
      #expect(try await stage.story(of: first).last == "idle")
      #expect(try await stage.story(of: second).last == "confirmed")
      #expect(try await stage.setStatus(.busy))
      #expect(try await stage.setStatus(.draining))
      #expect(try await stage.setStatus(.idle))
      #expect(try await stage.story(of: second).last == "idle")
      #expect(try await stage.free() == 3)
    }
  }

  @Test("A release gives the slot back once, whether pending or confirmed")
  func release() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 2)
      let one = try await stage.take()
      let other = try await stage.take()
      #expect(try await stage.hosts.confirm(other.reservation))
      for match in [one, other] {
        #expect(try await stage.hosts.release(match.reservation))
        #expect(try await !stage.hosts.release(match.reservation))
        #expect(try await !stage.hosts.confirm(match.reservation))
        #expect(try await stage.story(of: match).last == "released")
      }
      #expect(try await stage.free() == 2)
    }
  }

  @Test("A confirmed reservation ends after 4 h")
  func confirmedTTL() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      let match = try await stage.take()
      #expect(try await stage.hosts.confirm(match.reservation))
      try await waitIdle(stage, seconds: 4 * 3600 - 10)
      #expect(try await stage.find() == .noneFree)
      try await waitIdle(stage, seconds: 12)
      _ = try await stage.take()
      #expect(try await stage.story(of: match) == ["pending", "confirmed", "ended", "expired"])
    }
  }

  @Test(
    "The end of an incarnation ends its reservations, pending and confirmed",
    arguments: ["left", "expired", "new_room"]
  )
  func incarnation(reason: String) async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 3)
      let pending = try await stage.take()
      let confirmed = try await stage.take()
      #expect(try await stage.hosts.confirm(confirmed.reservation))
      switch reason {
      case "left": #expect(try await stage.leave())
      case "expired": stage.pass(seconds: 31)
      default: try await stage.beat("pc", room: "another", capacity: 3)
      }
      for match in [pending, confirmed] {
        #expect(try await !stage.hosts.confirm(match.reservation))
        #expect(try await !stage.hosts.release(match.reservation))
      }
      _ = try await stage.hosts.sweep()
      #expect(try await stage.story(of: pending).last == reason)
      #expect(try await stage.story(of: confirmed).last == reason)
      try await stage.beat("pc", room: "another", capacity: 3)
      #expect(try await stage.free() == 3)
      #expect(try await stage.take().room.text == "another")
    }
  }

  @Test("Of a hundred reservations that are over at once none is confirmed or in the way")
  func manyLapses() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 64)
      try await stage.beat("late", capacity: 36)
      for _ in 1...100 { _ = try await stage.take() }
      for seconds: Int64 in [20, 20, 10] {
        stage.pass(seconds: seconds)
        try await stage.beat("pc", capacity: 64)
        try await stage.beat("late", capacity: 36)
      }
      stage.pass(seconds: 15)
      #expect(try await stage.setStatus(.busy, "late"))
      #expect(try await stage.setStatus(.idle, "late"))
      _ = try await stage.take(host: "late")
      #expect(try await stage.events().filter { $0.kind == "reservation_confirmed" }.isEmpty)
    }
  }
}
