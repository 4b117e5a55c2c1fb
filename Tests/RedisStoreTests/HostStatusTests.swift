import Domain
import Support
import Testing

@testable import RedisStore

@Suite("What a host is", .serialized, .timeLimit(.minutes(15)))
struct HostStatusTests {
  @Test(
    "A status that was set stands against heartbeats that say idle, until idle is set",
    arguments: [HostStatus.busy, .draining]
  )
  func persists(status: HostStatus) async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      #expect(try await stage.setStatus(status))
      for _ in 1...3 {
        try await stage.beat("pc", slots: 1)
        #expect(try await stage.report()?.status == status)
        #expect(try await stage.find() == .noneFree)
      }
      #expect(try await stage.setStatus(.idle))
      #expect(try await stage.report()?.status == .idle)
      _ = try await stage.take()
    }
  }

  @Test("Idle gives the slots that the heartbeats reported meanwhile")
  func slotsMeanwhile() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 3)
      #expect(try await stage.setStatus(.busy))
      try await stage.beat("pc", capacity: 3, slots: 2)
      #expect(try await stage.free() == 0)
      #expect(try await stage.setStatus(.idle))
      #expect(try await stage.free() == 2)
    }
  }

  @Test("A new room clears the status but not the operator's drain")
  func newRoom() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      #expect(try await stage.setStatus(.busy))
      try await stage.beat("pc", room: "another")
      #expect(try await stage.free() == 1)
      #expect(try await stage.drain())
      try await stage.beat("pc", room: "third")
      #expect(try await stage.free() == 0)
      #expect(try await stage.report()?.isDrained == true)
    }
  }

  @Test("An operator's drain outlives idle, leaving and expiry, and only the operator undoes it")
  func drain() async throws {
    try await HostStage.open { stage in
      #expect(try await !stage.drain())
      try await stage.beat("pc")
      #expect(try await stage.drain())
      #expect(try await stage.drain())
      #expect(try await stage.setStatus(.idle))
      try await stage.beat("pc")
      #expect(try await stage.find() == .noneFree)
      #expect(try await stage.leave())
      try await stage.beat("pc")
      #expect(try await stage.find(host: "pc") == .noneFree)
      stage.pass(seconds: 31)
      try await stage.beat("pc")
      #expect(try await stage.find() == .noneFree)
      #expect(try await stage.drain("pc", false))
      _ = try await stage.take()
      let kinds = try await stage.events().map(\.kind)
      #expect(kinds.filter { $0 == "host_drained" }.count == 1)
      #expect(kinds.filter { $0 == "host_undrained" }.count == 1)
    }
  }

  @Test("The drain of a dead host can be undone")
  func undrainDead() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      #expect(try await stage.drain())
      stage.pass(seconds: 31)
      #expect(try await !stage.drain())
      #expect(try await stage.drain("pc", false))
      #expect(try await !stage.drain("pc", false))
      try await stage.beat("pc")
      _ = try await stage.take()
    }
  }

  @Test("A busy host is not matched, whatever slots it reports", arguments: [nil, 1, 3])
  func busy(slots: Int?) async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", status: .busy, capacity: 3, slots: slots)
      #expect(try await stage.find() == .noneFree)
      #expect(try await stage.find(host: "pc") == .noneFree)
      try await stage.beat("pc", status: nil, capacity: 3, slots: slots)
      #expect(try await stage.find() == .noneFree)
    }
  }

  @Test("A new host without a status is idle")
  func newHost() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", status: nil)
      #expect(try await stage.report()?.status == .idle)
      _ = try await stage.take()
    }
  }

  @Test(
    "Free is the lesser of what is reported and what is not confirmed, less what is pending",
    arguments: [
      // capacity, reported, confirmed, pending, free
      (3, nil, 0, 0, 3), (3, 1, 0, 0, 1), (3, 9, 0, 0, 3), (3, 0, 0, 0, 0), (3, nil, 1, 1, 1),
      (3, 2, 1, 0, 2), (3, 2, 1, 1, 1), (3, 1, 2, 0, 1), (3, 1, 0, 2, 0), (1, nil, 2, 0, 0),
    ] as [(Int, Int?, Int, Int, Int)]
  )
  func free(
    capacity: Int,
    reported: Int?,
    confirmed: Int,
    pending: Int,
    free: Int
  ) async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc", capacity: 9)
      for number in 0..<confirmed + pending {
        let match = try await stage.take()
        if number < confirmed { #expect(try await stage.hosts.confirm(match.reservation)) }
      }
      try await stage.beat("pc", capacity: capacity, slots: reported)
      #expect(try await stage.free() == free)
      let outcome = try await stage.find()
      #expect((outcome == .noneFree) == (free == 0))
    }
  }
}
