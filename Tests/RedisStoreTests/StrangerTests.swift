import Domain
import Support
import Testing

@testable import RedisStore

/// Calls of somebody whom a session or a signature does not belong to.
@Suite("Strangers", .timeLimit(.minutes(15)))
struct StrangerTests {
  @Test("For another user or another game a session is not there, and its life is not renewed")
  func calls() async throws {
    try await Cafe.open { cafe in
      let (_, session) = try await cafe.play()
      let user = try #require(ProviderUserID("2002"))
      let game = try #require(GameID("other"))
      cafe.pass(seconds: 200)
      let asOther = try await cafe.games.heartbeat(session, user: user, game: cafe.game.id)
      #expect(asOther == .notFound)
      let ofOther = try await cafe.games.heartbeat(session, user: Cafe.user, game: game)
      #expect(ofOther == .notFound)
      let end = try await cafe.games.end(session, game: game, requestID: "r")
      #expect(end == .notFound)
      #expect(try await cafe.report(session).state == .running)
      cafe.pass(seconds: 45)
      #expect(try await cafe.beat(session) == .notFound)
    }
  }

  @Test("A nonce opens one launcher session; used again it is refused, and that session goes on")
  func nonce() async throws {
    try await Cafe.open { cafe in
      let start = try start(nonce: "nonce-0123456789")
      guard case .started(let launcher) = try await cafe.launchers.start(start) else {
        throw SupportError("the launcher was not started")
      }
      cafe.pass(seconds: 200)
      #expect(try await cafe.launchers.start(start) == .replayed)
      #expect(try await cafe.launchers.heartbeat(launcher) != nil)
      // A signature is good for 300 s before and after its time, so for 600 s at most.
      cafe.pass(seconds: 401)
      #expect(try await cafe.launchers.start(start) == .replayed)
    }
  }

  private func start(nonce: String) throws -> LauncherStart {
    LauncherStart(
      cafe: Cafe.id,
      pc: try #require(PCID("PC-1")),
      nonce: nonce,
      externalAddress: try #require(IPAddress("203.0.113.7")),
      isInsideCafe: true,
      evidence: LauncherEvidence(
        internalAddress: "192.168.0.7",
        bootID: nil,
        launcherVersion: nil,
        hardware: nil
      )
    )
  }
}
