import Domain
import RedisStore
import Testing

/// The rows of the verify table, in their order.
@Suite(.timeLimit(.minutes(15)))
struct VerifyTests {
  private func verify(
    _ cafe: Cafe,
    _ token: OneTimeToken,
    game: Game? = nil,
    user: ProviderUserID = Cafe.user,
    key: String? = nil
  ) async throws -> VerifyOutcome {
    let request = VerifyRequest(
      token: token,
      user: user,
      game: game ?? cafe.game,
      idempotencyKey: key
    )
    return try await cafe.games.verify(request)
  }

  @Test("A token that was never issued is expired")
  func neverIssued() async throws {
    try await Cafe.open { cafe in
      let token = OneTimeToken.random(in: cafe.partition)
      let outcome = try await verify(cafe, token)
      #expect(outcome == .refused(.expired))
    }
  }

  @Test("A token of another game is a mismatch, also when it is used, and stays usable for its own")
  func gameMismatch() async throws {
    try await Cafe.open { cafe in
      let token = try await cafe.token(try await cafe.startLauncher())
      #expect(try await verify(cafe, token, game: cafe.anotherGame()) == .refused(.gameMismatch))
      guard case .started = try await verify(cafe, token) else {
        Issue.record("the token was spoilt")
        return
      }
      #expect(try await verify(cafe, token, game: cafe.anotherGame()) == .refused(.gameMismatch))
    }
  }

  @Test("A used token is refused, unless token, user and idempotency key are the same again")
  func usedToken() async throws {
    try await Cafe.open { cafe in
      let token = try await cafe.token(try await cafe.startLauncher())
      let first = try await verify(cafe, token, key: "k1")
      #expect(try await verify(cafe, token, key: "k1") == first)
      #expect(try await verify(cafe, token, key: "k2") == .refused(.alreadyUsed))
      #expect(try await verify(cafe, token) == .refused(.alreadyUsed))
      let stranger = try #require(ProviderUserID("2002"))
      #expect(try await verify(cafe, token, user: stranger, key: "k1") == .refused(.alreadyUsed))
    }
  }

  @Test("A token whose launcher session is gone is expired")
  func launcherGone() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      let token = try await cafe.token(launcher)
      _ = try await cafe.launchers.end(launcher, requestID: "r")
      #expect(try await verify(cafe, token) == .refused(.expired))
    }
  }

  @Test("A suspended cafe, a disabled game or too little money is not chargeable; the token stays")
  func notChargeable() async throws {
    // A minute at 230,000 an hour costs 3,833 mgcoin.
    try await Cafe.open(balance: 3_833) { cafe in
      let token = try await cafe.token(try await cafe.startLauncher())
      let disabled = try cafe.anotherGame(id: cafe.game.id.text, isEnabled: false)
      #expect(try await verify(cafe, token, game: disabled) == .refused(.notChargeable))
      _ = try await cafe.administration.suspend(Cafe.id, endSessions: false)
      #expect(try await verify(cafe, token) == .refused(.notChargeable))
      _ = try await cafe.administration.resume(Cafe.id)
      let take = BalanceEntry.adjustment(
        Money(milliGCoin: -1),
        ref: try #require(BookingReference("a")),
        reason: "test"
      )
      _ = try await cafe.administration.book(take, for: Cafe.id)
      #expect(try await verify(cafe, token) == .refused(.notChargeable))
      try await cafe.topUp(1, ref: "b")
      guard case .started = try await verify(cafe, token) else {
        Issue.record("the token was spoilt")
        return
      }
    }
  }

  @Test("A minute is counted at the cafe's rate of spending, without the session to be replaced")
  func spendingCounts() async throws {
    try await Cafe.open(balance: 2 * 3_833 + 1) { cafe in
      let (first, session) = try await cafe.play()
      let second = try await cafe.startLauncher(pc: "PC-2")
      _ = try await cafe.play(on: second)
      let third = try await cafe.startLauncher(pc: "PC-3")
      #expect(try await cafe.launchers.issueToken(for: third, game: cafe.game) == .notChargeable)
      // On the first PC it replaces one of the two, so that two minutes are enough.
      let replacement = try await cafe.play(on: first)
      #expect(try await cafe.report(session).endReason == .replaced)
      _ = try await cafe.end(replacement)
    }
  }

  @Test("What the replaced session still owes counts before the new one is admitted")
  func debtCounts() async throws {
    try await Cafe.open(balance: 3_833 + 3_000) { cafe in
      let (launcher, session) = try await cafe.play()
      let token = try await cafe.token(launcher)
      cafe.pass(seconds: 50)
      #expect(try await verify(cafe, token) == .refused(.notChargeable))
      #expect(try await cafe.report(session).state == .running)
    }
  }

  @Test("Of 100 concurrent verifies of one token exactly one succeeds")
  func concurrentVerifies() async throws {
    try await Cafe.open { cafe in
      let launcher = try await cafe.startLauncher()
      for _ in 0..<20 {
        let token = try await cafe.token(launcher)
        let started = try await withThrowingTaskGroup(of: Bool.self) { group in
          for _ in 0..<100 {
            group.addTask {
              if case .started = try await cafe.verify(token) { true } else { false }
            }
          }
          return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(started == 1)
      }
    }
  }
}
