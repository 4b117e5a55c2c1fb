import Domain
import Support
import Testing

@testable import RedisStore

@Suite("What one address may hold", .serialized, .timeLimit(.minutes(15)))
struct HostLimitTests {
  private static let key = "0123456789abcdef"

  private func isRefused(_ outcome: MatchOutcome, seconds: Int64) -> Bool {
    outcome == .tooManyPending(retryAfterSeconds: seconds)
  }

  @Test("An address holds three pending reservations, and is told when one of them lapses")
  func limit() async throws {
    try await HostStage.open(pendingPerAddress: 3) { stage in
      try await stage.beat("pc", capacity: 64)
      for _ in 1...3 {
        _ = try await stage.take()
        stage.pass(seconds: 9)
      }
      #expect(try await isRefused(stage.find(), seconds: 33))
      #expect(try await isRefused(stage.find(host: "nobody"), seconds: 33))
      _ = try await stage.take(address: "203.0.113.8")
      try await stage.beat("pc", capacity: 64)
      stage.pass(seconds: 27)
      #expect(try await isRefused(stage.find(), seconds: 6))
      try await stage.beat("pc", capacity: 64)
      stage.pass(seconds: 9)
      _ = try await stage.take()
      #expect(try await isRefused(stage.find(), seconds: 6))
    }
  }

  @Test("Confirm, release, busy, and the host's leaving make room for another one")
  func room() async throws {
    try await HostStage.open(pendingPerAddress: 1) { stage in
      try await stage.beat("pc", capacity: 64)
      let first = try await stage.take()
      #expect(try await isRefused(stage.find(), seconds: 60))
      #expect(try await stage.hosts.confirm(first.reservation))
      let second = try await stage.take()
      #expect(try await stage.hosts.release(second.reservation))
      _ = try await stage.take()
      #expect(try await stage.setStatus(.busy))
      #expect(try await stage.setStatus(.idle))
      _ = try await stage.take()
      #expect(try await stage.leave())
      #expect(try await stage.find() == .noneFree)
    }
  }

  @Test("An idempotency key gives its address the same reservation as long as that lives")
  func idempotency() async throws {
    try await HostStage.open(pendingPerAddress: 1) { stage in
      try await stage.beat("pc", capacity: 64)
      let first = try await stage.take(key: Self.key)
      #expect(try await stage.take(key: Self.key) == first)
      let other = try await stage.take(address: "203.0.113.8", key: Self.key)
      #expect(other.reservation != first.reservation)
      #expect(try await stage.hosts.confirm(first.reservation))
      let confirmed = try await stage.take(key: Self.key)
      #expect(confirmed.reservation == first.reservation)
      #expect(confirmed.expiresAt > first.expiresAt)
      #expect(try await stage.hosts.release(first.reservation))
      let next = try await stage.take(key: Self.key)
      #expect(next.reservation != first.reservation)
      #expect(try await isRefused(stage.find(key: Self.key + "0"), seconds: 60))
    }
  }

  @Test("A key whose reservation lapsed, or whose host died, gives another one")
  func forgotten() async throws {
    try await HostStage.open { stage in
      try await stage.beat("pc")
      let first = try await stage.take(key: Self.key)
      stage.pass(seconds: 31)
      #expect(try await stage.find(key: Self.key) == .noneFree)
      try await stage.beat("pc")
      let second = try await stage.take(key: Self.key)
      #expect(second.reservation != first.reservation)
      for _ in 1...3 {
        stage.pass(seconds: 21)
        try await stage.beat("pc")
      }
      #expect(try await stage.take(key: Self.key).reservation != second.reservation)
    }
  }
}
